"""Git served as one sets it up by hand: a web server before ``git http-backend``.

The web server is nginx with fcgiwrap where the machine has both, else a small CGI host
of Python's standard library (``python -m tests.bench.plain_git PORT FOLDER SECRET``).
Either asks for a password, as ours does. What is compared stands in ``words``.
"""

import base64
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from gitopshq.supervisor import valkey
from tests.bench.hosting import running

USER = "any"
SECRET = "plain-git-secret"
_PATIENCE = 60.0
_NGINX = """\
daemon off;
{user}
worker_processes auto;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_max_body_size 0;
    client_body_temp_path {folder}/body;
    fastcgi_temp_path {folder}/fastcgi;
    proxy_temp_path {folder}/proxy;
    scgi_temp_path {folder}/scgi;
    uwsgi_temp_path {folder}/uwsgi;
    server {{
        listen 127.0.0.1:{port};
        auth_basic "Git";
        auth_basic_user_file {folder}/passwords;
        location / {{
            fastcgi_pass unix:{folder}/cgi.sock;
            fastcgi_param SCRIPT_FILENAME {backend};
            fastcgi_param GIT_PROJECT_ROOT {repositories};
            fastcgi_param GIT_HTTP_EXPORT_ALL 1;
            fastcgi_param PATH_INFO $uri;
            fastcgi_param QUERY_STRING $query_string;
            fastcgi_param REQUEST_METHOD $request_method;
            fastcgi_param CONTENT_TYPE $content_type;
            fastcgi_param CONTENT_LENGTH $content_length;
            fastcgi_param REMOTE_USER $remote_user;
            fastcgi_param REMOTE_ADDR $remote_addr;
        }}
    }}
}}
"""


def words() -> str:
    """Say what serves here."""
    if _nginx() and _fcgiwrap():
        return "nginx + git http-backend"
    return "a CGI host in Python + git http-backend (nginx, fcgiwrap not installed)"


@contextmanager
def served(repositories: Path, folder: Path) -> Iterator[str]:
    """Serve all below *repositories*, working in *folder*; yield the address."""
    port = valkey.free_port()
    folder.mkdir()
    with ExitStack() as stack:
        nginx, fcgiwrap = _nginx(), _fcgiwrap()
        if nginx and fcgiwrap:
            _configure(repositories, folder, port)
            socket_ = f"unix:{folder}/cgi.sock"
            wrap: list[str | Path] = [fcgiwrap, "-c", "20", "-s", socket_]
            stack.enter_context(_together(wrap))
            serve: list[str | Path] = [nginx, "-c", folder / "nginx.conf"]
        else:
            serve = [
                *(sys.executable, "-m", "tests.bench.plain_git"),
                *(str(port), str(repositories), SECRET),
            ]
        stack.enter_context(running(serve, _environ(), folder / "serve.log"))
        _wait(port)
        yield f"http://{USER}:{SECRET}@127.0.0.1:{port}"


@contextmanager
def _together(command: list[str | Path]) -> Iterator[None]:
    """Have a server run that leaves its children behind, and end them with it."""
    process = subprocess.Popen(command, env=_environ(), start_new_session=True)
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()


def _nginx() -> str | None:
    return shutil.which("nginx", path=_path())


def _fcgiwrap() -> str | None:
    return shutil.which("fcgiwrap", path=_path())


def _path() -> str:
    return f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin"


def _backend() -> Path:
    asked = ["git", "--exec-path"]
    found = subprocess.run(asked, check=True, capture_output=True, text=True)
    return Path(found.stdout.strip()) / "git-http-backend"


def _environ() -> dict[str, str]:
    return {
        "PATH": _path(),
        "HOME": "/nonexistent",
        "LC_ALL": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
    }


def _configure(repositories: Path, folder: Path, port: int) -> None:
    (folder / "passwords").write_text(f"{USER}:{{PLAIN}}{SECRET}\n", "ascii")
    (folder / "nginx.conf").write_text(
        _NGINX.format(
            user="user root;" if os.geteuid() == 0 else "",
            folder=folder,
            port=port,
            backend=_backend(),
            repositories=repositories,
        ),
        "utf-8",
    )


def _wait(port: int) -> None:
    ends_at = time.monotonic() + _PATIENCE
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert time.monotonic() < ends_at, "the plain server does not answer"
            time.sleep(0.02)
        else:
            return


@dataclass(frozen=True)
class _Host:
    """What a request to the CGI host needs to know."""

    backend: Path
    repositories: str
    authorization: str


class _Handler(BaseHTTPRequestHandler):
    host: _Host
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def log_message(self, *args: object) -> None:
        """Say nothing of requests."""

    def _answer(self) -> None:
        body = self._body()
        if self.headers.get("Authorization") != self.host.authorization:
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="Git"')
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        with subprocess.Popen(
            [self.host.backend],
            env={**os.environ, **self._variables(len(body))},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        ) as child:
            assert child.stdin
            assert child.stdout
            child.stdin.write(body)
            child.stdin.close()
            head = list(iter(child.stdout.readline, b"\r\n"))
            self.send_response(200)
            for line in head:
                name, _, value = line.decode().partition(":")
                self.send_header(name, value.strip())
            self.send_header("Connection", "close")
            self.end_headers()
            shutil.copyfileobj(child.stdout, self.wfile, 65536)

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", "0")))
        parts = []
        while length := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(length))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _variables(self, length: int) -> Mapping[str, str]:
        asked = urlsplit(self.path)
        return {
            "GIT_PROJECT_ROOT": self.host.repositories,
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": asked.path,
            "QUERY_STRING": asked.query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(length),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "HTTP_GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "REMOTE_USER": USER,
            "REMOTE_ADDR": "127.0.0.1",
        }


def main(port: str, repositories: str, secret: str) -> None:
    """Host CGI until somebody ends it."""
    pair = base64.b64encode(f"{USER}:{secret}".encode()).decode()
    _Handler.host = _Host(_backend(), repositories, f"Basic {pair}")
    ThreadingHTTPServer(("127.0.0.1", int(port)), _Handler).serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
