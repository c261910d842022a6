# Two RTSP cameras of gst-rtsp-server, one that sends over its connection only and one that sends by UDP only; with G.711 sound.
import sys
import gi
gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer

Gst.init(None)
server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service("0")
for path, protocols in (("/tcp", GstRtsp.RTSPLowerTrans.TCP), ("/udp", GstRtsp.RTSPLowerTrans.UDP)):
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(
        "( videotestsrc is-live=true ! video/x-raw,width=320,height=240,framerate=10/1"
        " ! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=10 bframes=0 ! rtph264pay name=pay0 pt=96"
        " audiotestsrc is-live=true ! audio/x-raw,rate=8000,channels=1 ! alawenc ! rtppcmapay name=pay1 pt=8 )")
    factory.set_shared(True)
    factory.set_protocols(protocols)
    server.get_mount_points().add_factory(path, factory)
server.attach(None)
print("ready", server.get_bound_port(), flush=True)
GLib.MainLoop().run()
