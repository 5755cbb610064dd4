"""Plays a desktop on the session's bus: shows notifications and icons of programs, and clicks on them.

Prints "ready", then answers each JSON command on stdin with one JSON line. Commands: notices, click, tray, choose.
"""

import json
import sys

import gi

gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib  # noqa: E402

NOTIFICATIONS = """<node><interface name="org.freedesktop.Notifications">
<method name="Notify"><arg type="s" direction="in"/><arg type="u" direction="in"/><arg type="s" direction="in"/><arg type="s" direction="in"/>
<arg type="s" direction="in"/><arg type="as" direction="in"/><arg type="a{sv}" direction="in"/><arg type="i" direction="in"/><arg type="u" direction="out"/></method>
<method name="CloseNotification"><arg type="u" direction="in"/></method>
<method name="GetCapabilities"><arg type="as" direction="out"/></method>
<method name="GetServerInformation"><arg type="s" direction="out"/><arg type="s" direction="out"/><arg type="s" direction="out"/><arg type="s" direction="out"/></method>
<signal name="ActionInvoked"><arg type="u"/><arg type="s"/></signal>
<signal name="NotificationClosed"><arg type="u"/><arg type="u"/></signal>
</interface></node>"""
WATCHER = """<node><interface name="org.kde.StatusNotifierWatcher">
<method name="RegisterStatusNotifierItem"><arg type="s" direction="in"/></method>
<method name="RegisterStatusNotifierHost"><arg type="s" direction="in"/></method>
<property name="RegisteredStatusNotifierItems" type="as" access="read"/>
<property name="IsStatusNotifierHostRegistered" type="b" access="read"/>
<property name="ProtocolVersion" type="i" access="read"/>
<signal name="StatusNotifierItemRegistered"><arg type="s"/></signal>
</interface></node>"""
ITEM = "org.kde.StatusNotifierItem"
MENU = "com.canonical.dbusmenu"

has_host = "--no-tray" not in sys.argv
bus = Gio.bus_get_sync(Gio.BusType.SESSION, None)
notices = []
items = []


def on_notification(_bus, _sender, _path, _interface, method, parameters, invocation):
    if method == "Notify":
        _app, replaces, _icon, summary, body, actions, hints, _timeout = parameters.unpack()
        number = replaces or len(notices) + 1
        notices.append({"id": number, "summary": summary, "body": body, "actions": actions, "isOpen": True})
        invocation.return_value(GLib.Variant("(u)", (number,)))
    elif method == "CloseNotification":
        (number,) = parameters.unpack()
        for one in notices:
            if one["id"] == number:
                one["isOpen"] = False
        bus.emit_signal(None, "/org/freedesktop/Notifications", "org.freedesktop.Notifications", "NotificationClosed", GLib.Variant("(uu)", (number, 3)))
        invocation.return_value(None)
    elif method == "GetCapabilities":
        invocation.return_value(GLib.Variant("(as)", (["body", "actions", "body-markup"],)))
    else:
        invocation.return_value(GLib.Variant("(ssss)", ("test", "test", "1", "1.2")))


def on_watcher(_bus, sender, _path, _interface, method, parameters, invocation):
    if method == "RegisterStatusNotifierItem":
        (name,) = parameters.unpack()
        items.append((sender, name) if name.startswith("/") else (name, "/StatusNotifierItem"))
    invocation.return_value(None)


def on_property(_bus, _sender, _path, _interface, name):
    if name == "IsStatusNotifierHostRegistered":
        return GLib.Variant("b", has_host)
    return GLib.Variant("i", 0) if name == "ProtocolVersion" else GLib.Variant("as", [])


def is_there():
    """Whether an icon is shown: the app behind the newest one may have ended."""
    if not items:
        return False
    arguments = GLib.Variant("(s)", (items[-1][0],))
    call = ("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "NameHasOwner", arguments, None)
    return bus.call_sync(*call, Gio.DBusCallFlags.NONE, 5000, None).unpack()[0]


def ask(path, interface, method, arguments):
    return bus.call_sync(items[-1][0], path, interface, method, arguments, None, Gio.DBusCallFlags.NONE, 5000, None).unpack()


def property_of(name):
    return ask(items[-1][1], "org.freedesktop.DBus.Properties", "Get", GLib.Variant("(ss)", (ITEM, name)))[0]


def entries():
    _revision, (_id, _properties, children) = ask(property_of("Menu"), MENU, "GetLayout", GLib.Variant("(iias)", (0, -1, [])))
    return [(number, properties) for number, properties, _children in children]


def answer(command):
    what = command["do"]
    if what == "notices":
        return notices
    if what == "click":
        bus.emit_signal(None, "/org/freedesktop/Notifications", "org.freedesktop.Notifications", "ActionInvoked", GLib.Variant("(us)", (command["id"], "default")))
        return None
    if what == "tray":
        if not is_there():
            return None
        pixels = sorted(property_of("IconPixmap"), key=lambda one: one[0])
        tooltip = property_of("ToolTip")
        lines = [{"label": p.get("label", ""), "isEnabled": p.get("enabled", True)} for _n, p in entries() if p.get("type") != "separator"]
        return {"tooltip": f"{tooltip[2]}\n{tooltip[3]}".strip(), "icon": [[w, h, hash(bytes(data))] for w, h, data in pixels], "menu": lines}
    if what == "choose":
        for number, properties in entries():
            if properties.get("label", "").replace("_", "") == command["label"]:
                ask(property_of("Menu"), MENU, "Event", GLib.Variant("(isvu)", (number, "clicked", GLib.Variant("i", 0), 0)))
                return None
        raise LookupError(command["label"])
    raise LookupError(what)


def on_line(channel, _condition):
    _status, line, _length, _end = channel.read_line()
    if not line:
        loop.quit()
        return False
    try:
        reply = {"value": answer(json.loads(line))}
    except Exception as error:  # told to the test, which fails of it
        reply = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(reply), flush=True)
    return True


def offer(xml, path, on_call):
    info = Gio.DBusNodeInfo.new_for_xml(xml).interfaces[0]
    bus.register_object(path, info, on_call, on_property, None)
    Gio.bus_own_name_on_connection(bus, info.name, Gio.BusNameOwnerFlags.NONE, None, None)


offer(NOTIFICATIONS, "/org/freedesktop/Notifications", on_notification)
if has_host:
    offer(WATCHER, "/StatusNotifierWatcher", on_watcher)
loop = GLib.MainLoop()
stdin = GLib.IOChannel.unix_new(0)
GLib.io_add_watch(stdin, GLib.PRIORITY_DEFAULT, GLib.IOCondition.IN | GLib.IOCondition.HUP, on_line)
GLib.idle_add(lambda: print("ready", flush=True))
loop.run()
