"""An authority made on the spot, those it certifies, and a server for time stamps: ``openssl ts`` behind HTTP."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
Answer = Callable[[BaseHTTPRequestHandler, bytes], None]
SETTINGS = """[tsa]
default_tsa = one
[one]
serial = {folder}/serial
signer_cert = {folder}/stamper.pem
signer_key = {folder}/stamper.key
certs = {folder}/ca.pem
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
"""


class Authority:
    """A root, and what it certifies, in PEM files of a folder: ``NAME.key`` and ``NAME.pem``; the root is ``ca``."""

    def __init__(self, folder: Path, name: str = "Example Root") -> None:
        self.folder, self._name = folder, x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        folder.mkdir(parents=True, exist_ok=True)
        self._key = rsa.generate_private_key(65537, 2048)
        self._certify("ca", self._key, self._name, x509.BasicConstraints(True, None))
        self.ca = folder / "ca.pem"

    def certify(self, name: str, key: Key | None = None, *more: x509.ExtensionType, days: int = 900) -> Path:
        """A key and its certificate; the path of the certificate."""
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Example {name}")])
        key = key or rsa.generate_private_key(65537, 2048)
        return self._certify(name, key, subject, x509.BasicConstraints(False, None), *more, days=days)

    def _certify(self, name: str, key: Key, subject: x509.Name, *more: x509.ExtensionType, days: int = 900) -> Path:
        begin = datetime.now(UTC) - timedelta(days=30)
        made = x509.CertificateBuilder(self._name, subject, key.public_key(), x509.random_serial_number(), begin,
                                       begin + timedelta(days=days))  # fmt: skip
        for extension in more:
            made = made.add_extension(extension, True)
        pem = made.sign(self._key, SHA256()).public_bytes(Encoding.PEM)
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (self.folder / f"{name}.key").write_bytes(private)
        (self.folder / f"{name}.pem").write_bytes(pem)
        return self.folder / f"{name}.pem"

    def stamper(self) -> Answer:
        """What answers questions for time stamps."""
        self.certify("stamper", None, x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]))
        (self.folder / "serial").write_text("01\n")
        (self.folder / "ts.cnf").write_text(SETTINGS.format(folder=self.folder))

        def answer(question: BaseHTTPRequestHandler, asked: bytes) -> None:
            (self.folder / "asked.tsq").write_bytes(asked)
            command = ["openssl", "ts", "-reply", "-config", "ts.cnf", "-queryfile", "asked.tsq", "-out", "said.tsr"]
            subprocess.run(command, cwd=self.folder, check=True, capture_output=True)
            say(question, (self.folder / "said.tsr").read_bytes())

        return answer


def say(question: BaseHTTPRequestHandler, body: bytes, status: int = 200) -> None:
    """A whole answer."""
    question.send_response(status)
    question.send_header("Content-Type", "application/timestamp-reply")
    question.send_header("Content-Length", str(len(body)))
    question.end_headers()
    question.wfile.write(body)


@contextmanager
def server(answer: Answer) -> Iterator[str]:
    """A server on loopback that does what it is told with each question; its URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            try:
                answer(self, self.rfile.read(int(self.headers["Content-Length"])))
            except OSError:
                self.close_connection = True

        def log_message(self, *words: object) -> None:
            return

    made = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.daemon_threads = True
    threading.Thread(target=made.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{made.server_address[1]}/"
    finally:
        made.shutdown()
        made.server_close()
