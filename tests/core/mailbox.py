"""The smallest mail server, for tests that send over a real connection."""

import contextlib
import socketserver
import threading


class Mailbox(socketserver.ThreadingTCPServer):
    """The smallest mail server: takes what comes, or says what it was told to."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, rcpt="250 ok"):
        self.rcpt, self.mails, self.calls = rcpt, [], 0
        super().__init__(("127.0.0.1", 0), _Conversation)


class _Conversation(socketserver.StreamRequestHandler):
    def handle(self):
        self.server.calls += 1
        self.say("220 here")
        while line := self.rfile.readline().decode().strip():
            verb = line.split()[0].upper()
            if verb == "DATA":
                self.say("354 go on")
                lines = iter(lambda: self.rfile.readline().decode(), ".\r\n")
                self.server.mails.append("".join(lines))
                self.say("250 taken")
            elif verb == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say(self.server.rcpt if verb == "RCPT" else "250 ok")

    def say(self, line):
        self.wfile.write(f"{line}\r\n".encode())


@contextlib.contextmanager
def mail_server(settings, **kwargs):
    with Mailbox(**kwargs) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address
        settings.EMAIL_TIMEOUT = 5
        try:
            yield server
        finally:
            server.shutdown()
