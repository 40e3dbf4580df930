// The start page: keeps what is typed, and shows that the beginning was heard.
import { keepDrafts } from "./drafts.js";

keepDrafts();
const form = document.getElementById("start-form");
form.addEventListener("submit", () => {
  const button = form.querySelector("[type=submit]");
  button.textContent = button.dataset.busy;
  setTimeout(() => { button.disabled = true; });
});
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
