"""A small threaded WSGI server that hands the routes of hosted Git to our functions.

It asks no rights: the path tells whether a reader may see `source`.
"""

import re
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from typing import Any
from urllib.parse import parse_qs
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from delivery.git.project import ProjectRepositories
from delivery.git.upload_pack import Answer, UploadPack, refuse_push

_ROUTE = re.compile(r"/(?P<reader>main|all)\.git/(?P<what>.+)")


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    block_on_close = True


class _Handler(WSGIRequestHandler):
    def log_message(self, *args: Any) -> None:
        """Keep quiet."""


def answer(
    project: ProjectRepositories, server: UploadPack, environ: dict[str, Any]
) -> Answer:
    route = _ROUTE.fullmatch(environ["PATH_INFO"])
    if route is None:
        return Answer(404, [b"not found\n"], {"Content-Type": "text/plain"})
    repository = project.served(with_source=route["reader"] == "all")
    protocol = environ.get("HTTP_GIT_PROTOCOL", "")
    match environ["REQUEST_METHOD"], route["what"]:
        case "GET", "info/refs":
            service = parse_qs(environ["QUERY_STRING"]).get("service", [""])[0]
            return server.info_refs(repository, service=service, protocol=protocol)
        case "POST", "git-upload-pack":
            return server.serve(repository, environ, protocol=protocol)
        case "POST", "git-receive-pack":
            return refuse_push()
    return Answer(404, [b"not found\n"], {"Content-Type": "text/plain"})


@contextmanager
def served(
    project: ProjectRepositories, server: UploadPack | None = None
) -> Iterator[str]:
    """Serve a project's repositories; yield the address without a trailing slash."""
    upload_pack = server or UploadPack()

    def app(environ: dict[str, Any], start: Callable[..., object]) -> Iterable[bytes]:
        made = answer(project, upload_pack, environ)
        start(f"{made.status} -", list(made.headers.items()))
        return made.body

    with make_server("127.0.0.1", 0, app, _Server, _Handler) as listening:
        thread = threading.Thread(
            target=listening.serve_forever, kwargs={"poll_interval": 0.01}
        )
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.server_port}"
        finally:
            listening.shutdown()
            thread.join()
