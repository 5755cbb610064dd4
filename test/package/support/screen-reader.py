"""Drives an installed app as a screen reader does, over the accessibility bus: no debugger, no switch that a release refuses.

Reads one JSON command a line from stdin and answers each with one line. Commands: start, stop, wait, press, fill, focus, key, text.
"""

import json
import os
import signal
import subprocess
import sys
import time

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi  # noqa: E402

MAX_DEPTH = 60
LOOK_S = 0.2
apps = {}


def walk(node, depth=0):
    """Every element below, itself first. Elements may go while they are read."""
    yield node
    if depth > MAX_DEPTH:
        return
    try:
        count = node.get_child_count()
    except Exception:
        return
    for n in range(count):
        try:
            child = node.get_child_at_index(n)
        except Exception:
            continue
        if child is not None:
            yield from walk(child, depth + 1)


def described(node):
    try:
        return node.get_role_name(), node.get_name() or ""
    except Exception:
        return "", ""


def roots():
    desktop = Atspi.get_desktop(0)
    found = []
    for n in range(desktop.get_child_count()):
        app = desktop.get_child_at_index(n)
        try:
            if app is not None and app.get_name() == "holdover":
                found.append(app)
        except Exception:
            pass
    return found


def find(role, name):
    for root in roots():
        for node in walk(root):
            node_role, node_name = described(node)
            if (role is None or node_role == role) and name in node_name:
                return node
    return None


def wait(role, name, seconds):
    until = time.monotonic() + seconds
    while True:
        node = find(role, name)
        if node is not None:
            return node
        if time.monotonic() > until:
            raise LookupError(f"there is no {role or 'element'} {name!r} within {seconds} s")
        time.sleep(LOOK_S)


def text():
    lines = []
    for root in roots():
        for node in walk(root):
            role, name = described(node)
            if name:
                lines.append(f"{role}: {name}")
    return lines


def start(command):
    log = open(command["log"], "ab")
    env = {**os.environ, **command.get("env", {})}
    child = subprocess.Popen(command["argv"], stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env, start_new_session=True)
    apps[child.pid] = child
    return child.pid


def stop(command):
    child = apps.pop(command["pid"])
    if command.get("kill"):
        os.killpg(child.pid, signal.SIGKILL)
    else:
        child.send_signal(signal.SIGTERM)
    return child.wait(timeout=30)


def press(command):
    node = wait(command.get("role"), command["name"], command.get("seconds", 20))
    if not node.do_action(0):
        raise RuntimeError(f"{command['name']!r} cannot be pressed")
    return True


def fill(command):
    node = wait(command.get("role", "entry"), command["name"], command.get("seconds", 20))
    node.grab_focus()
    if not node.set_text_contents(command["text"]):
        raise RuntimeError(f"{command['name']!r} takes no text")
    return True


def focus(command):
    return bool(wait(command.get("role"), command["name"], command.get("seconds", 20)).grab_focus())


def key(command):
    subprocess.run(["xdotool", *command["args"]], check=True, stdout=subprocess.DEVNULL)
    return True


def main():
    Atspi.init()
    handlers = {
        "start": start,
        "stop": stop,
        "wait": lambda one: described(wait(one.get("role"), one["name"], one.get("seconds", 20))),
        "press": press,
        "fill": fill,
        "focus": focus,
        "key": key,
        "text": lambda one: text(),
    }
    for line in sys.stdin:
        command = json.loads(line)
        try:
            answer = {"value": handlers[command["do"]](command)}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)
    for child in apps.values():
        os.killpg(child.pid, signal.SIGKILL)


main()
