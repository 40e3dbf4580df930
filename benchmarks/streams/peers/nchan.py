"""nchan, C in nginx: how fast it could be. It knows nobody and checks nothing; its messages live in memory."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any, ClassVar

from benchmarks.streams.peers.base import Peer, Plan, Prepared, get, topic_names
from benchmarks.streams.site import Site

MODULE = Path("/usr/lib/nginx/modules/ngx_nchan_module.so")
CONFIGURATION = """
load_module {module};
daemon off; worker_processes 1; worker_rlimit_nofile 20000; pid {folder}/nginx.pid; error_log stderr error; {user}
events {{ worker_connections 19000; }}
http {{
  access_log off; keepalive_requests 10000000; nchan_shared_memory_size 512m;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    location ~ ^/pub/(\\w+)$ {{
      nchan_publisher; nchan_channel_id $1; nchan_message_buffer_length 100; nchan_message_timeout 1h;
    }}
    location ~ ^/newest/(\\w+)$ {{
      nchan_subscriber eventsource; nchan_channel_id $1; nchan_subscriber_first_message newest;
    }}
    location ~ ^/oldest/(\\w+)$ {{
      nchan_subscriber eventsource; nchan_channel_id $1; nchan_subscriber_first_message oldest;
    }}
  }}
}}
"""
HISTORY_SECONDS = 120.0


class Nchan(Peer):
    name = "nchan"
    publisher: ClassVar[str] = "nchan"
    workloads: ClassVar[str] = "abd"

    def missing(self) -> str:
        return "" if self._nginx() and MODULE.is_file() else "nginx with libnginx-mod-nchan"

    def _nginx(self) -> str:
        return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin") or ""

    def command(self, site: Site, port: int) -> list[str]:
        folder = site.folder / f"nginx-{port}"
        folder.mkdir()
        user = "user root;" if os.getuid() == 0 else ""
        configuration = folder / "nginx.conf"
        configuration.write_text(CONFIGURATION.format(module=MODULE, folder=folder, port=port, user=user))
        return [self._nginx(), "-p", str(folder), "-e", "stderr", "-c", str(configuration)]

    def prepare(self, site: Site, port: int, plan: Plan) -> Prepared:
        """Events that a client has not seen are all that its channel's buffer holds."""
        topics = topic_names(plan)
        place = "oldest" if plan.back else "newest"
        if plan.back:
            order = {"topics": topics, "first_seq": 1, "count": plan.cases * plan.back, "rate": 0.0}
            with self.publish(site, port, {**order, "seconds": HISTORY_SECONDS}) as publisher:
                publisher.go()
        paths = [f"/{place}/{topics[number % len(topics)]}" for number in range(plan.streams)]
        return Prepared([get(path) for path in paths], topics)

    def publisher_options(self, site: Site, port: int) -> dict[str, Any]:
        return {"port": port}


NCHAN = Nchan()
