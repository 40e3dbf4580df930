"""The predecessor's published browser client runs unchanged on the page's cookies, with no other code of ours."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from triage.tests.browsing import begin, phone
from triage.tests.live_site import LiveSite

pytestmark = pytest.mark.browser

CLIENT = """<!doctype html><title>client</title>
<p id="state"></p><p id="started"></p><ul id="updates"></ul><pre id="completed"></pre><p id="closed"></p>
<script>
const caseId = location.hash.slice(1);
const eventSource = new EventSource('/api/api/v2/triage/stream/' + caseId);
eventSource.onmessage = function (event) {
  const data = JSON.parse(event.data);
  document.getElementById('state').textContent = data.status;
};
eventSource.addEventListener('triage_started', function (event) {
  document.getElementById('started').textContent = 'Triage started';
});
eventSource.addEventListener('triage_update', function (event) {
  const data = JSON.parse(event.data);
  const item = document.createElement('li');
  item.textContent = data.message;
  document.getElementById('updates').append(item);
});
eventSource.addEventListener('triage_completed', function (event) {
  const data = JSON.parse(event.data);
  document.getElementById('completed').textContent = JSON.stringify(data.result);
  eventSource.close();
  document.getElementById('closed').textContent = String(eventSource.readyState);
});
eventSource.onerror = function (error) { console.error('SSE error', error); };
</script>"""


def test_it_hears_the_state_the_start_every_update_and_the_end(chromium: Browser, live_site: LiveSite) -> None:
    with phone(chromium, live_site.base_url) as context:
        ours = context.new_page()
        case_id = begin(ours, "Fui demitido e não me pagaram")
        theirs = context.new_page()
        theirs.route("**/client.html", lambda route: route.fulfill(body=CLIENT, content_type="text/html"))
        theirs.goto(f"/client.html#{case_id}")
        expect(theirs.locator("#state")).to_have_text("interviewing")
        expect(theirs.locator("#started")).to_have_text("Triage started")
        heard = theirs.locator("#updates li")
        expect(heard).not_to_have_count(0)
        ours.click(".ways button")
        expect(theirs.locator("#completed")).to_contain_text('"category"')
        expect(theirs.locator("#closed")).to_have_text("2")
        assert all(words.strip() for words in heard.all_inner_texts())
        assert heard.count() >= 4  # one from the interview, three from the analysis
