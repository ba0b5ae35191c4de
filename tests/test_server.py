from jupyter_server.serverapp import ServerApp

from bend.cli import lab_arguments
from bend.server import PromptConnection


def test_bend_lab_takes_the_prompt_connection(tmp_path):
    app = ServerApp()
    app.parse_command_line(lab_arguments(tmp_path, None, True))
    assert app.kernel_websocket_connection_class is PromptConnection


def test_a_prompt_connection_holds_no_message_back(monkeypatch):
    class Handler:
        def set_nodelay(self, value):
            done.append(value)

    done = []
    monkeypatch.setattr(PromptConnection, "websocket_handler", Handler())
    monkeypatch.setattr(PromptConnection.__base__, "connect", lambda self: done.append("connect"))
    PromptConnection.connect(PromptConnection.__new__(PromptConnection))
    assert done == [True, "connect"]
