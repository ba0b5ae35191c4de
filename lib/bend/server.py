"""What JupyterLab's server does otherwise when `bend lab` starts it."""

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection


class PromptConnection(ZMQChannelsWebsocketConnection):
    """From a kernel to the page, where every message leaves at once.

    Else TCP holds a small one back until the page has acknowledged the one before (Nagle's
    algorithm), which takes it up to 40 ms: longer than all else between a click and its feedback.
    """

    def connect(self):
        """Connect as ever, without waiting to fill a packet."""
        self.websocket_handler.set_nodelay(True)
        return super().connect()
