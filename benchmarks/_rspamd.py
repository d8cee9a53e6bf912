"""Rspamd as Debian ships it, without network and Bayes, started for a measurement; and the CPU of processes."""

from __future__ import annotations

import http.client
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

PORT = 21_333
NETWORK = """rbl surbl dkim dkim_signing spf dmarc arc asn fuzzy_check greylist ratelimit mx_check neural reputation
url_redirector history_redis p0f bimi replies antivirus external_services dcc clickhouse elastic metric_exporter
rspamd_update whitelist spamtrap metadata_exporter""".split()  # noqa: SIM905  (a list of quoted words is harder to read)
"""Modules that ask somebody; Bayes needs a Redis and is off without one."""
CONFIG = """.include "/etc/rspamd/common.conf"
options {{
  pidfile = "{folder}/pid";
  .include "/etc/rspamd/options.inc"
  .include(duplicate=merge,priority=10) "{folder}/options.local"
}}
logging {{ type = "file"; filename = "{folder}/log"; level = "error"; }}
worker "normal" {{ bind_socket = "127.0.0.1:{port}"; count = 1; mime = true; }}
"""


class CpuOf:
    """CPU seconds, user and system, of commands."""

    @staticmethod
    def command(words: list[str]) -> float:
        """Of one of this environment's commands with every process it waits for."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        place = Path(sys.executable).with_name(words[0])
        subprocess.run([str(place), *words[1:]], stdout=subprocess.DEVNULL, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    @staticmethod
    def process(pid: int) -> float:
        """Of a process that runs (Linux)."""
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Rspamd:
    """A server on this machine; a context manager."""

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="rspamd-")
        folder = Path(self._folder.name)
        (folder / "local" / "override.d").mkdir(parents=True)
        for module in NETWORK:
            (folder / "local" / "override.d" / f"{module}.conf").write_text("enabled = false;\n")
        dns = 'dns { nameserver = ["127.0.0.1:1"]; timeout = 0.01s; retransmits = 0; }\ndisable_monitoring = true;\n'
        (folder / "options.local").write_text(dns)
        (folder / "conf").write_text(CONFIG.format(folder=folder, port=PORT))
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o777 if path.is_dir() else 0o666)
        words = ["rspamd", "-c", str(folder / "conf"), "-f", "--insecure", "--var", f"LOCAL_CONFDIR={folder / 'local'}"]
        self._server = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._client = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)
        for _ in range(60):
            time.sleep(1)
            try:
                self._ask(b"From: a@b.example\r\nSubject: warm\r\n\r\ntext\r\n")
                return self
            except OSError:
                self._client.close()
        raise SystemExit("rspamd does not answer")

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._server.terminate()
        self._server.wait()
        self._folder.cleanup()

    def _ask(self, message: bytes) -> None:
        self._client.request("POST", "/checkv2", message)
        self._client.getresponse().read()

    def cpu(self, paths: list[Path]) -> float:
        """CPU seconds of the server and its workers for some messages."""
        data = [path.read_bytes() for path in paths]
        before = self._used()
        for message in data:
            self._ask(message)
        return self._used() - before

    def _used(self) -> float:
        main = self._server.pid
        children = Path(f"/proc/{main}/task/{main}/children").read_text().split()
        return CpuOf.process(main) + sum(CpuOf.process(int(pid)) for pid in children)
