"""Configs of a js host: as js-host reads them, and as ES modules; what was loaded."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.integration.hosts.runners.conftest import Workshop

# What `js-host --config` of js-host 0.12.0 printed for this file.
FULL_CONFIG = """
var config = Object.create({inherited: 5});
config.functions = {a: function() {}, b: function() {}};
config.extra = {x: 1, f: function() {}};
config.port = 0;
config.address = undefined;
config.logger = {info() {}, error() {}, warn() {}};
config.extendHost = function(host) {
  host.addFunction('c', function(data, cb) { cb(null, 'added'); });
  host.config.late = process.env.LATE || 'none';
  host.config.functions.d = 1;
};
config.date = new Date(0);
config.n = NaN;
config.buf = Buffer.from('x');
module.exports = config;
"""
FULL_STATUS = {
    "functions": ["a", "b", "d"],
    "extra": {"x": 1},
    "port": 0,
    "address": "127.0.0.1",
    "date": "1970-01-01T00:00:00.000Z",
    "n": None,
    "buf": {"type": "Buffer", "data": [120]},
    "requestDataLimit": "10mb",
    "late": "none",
    "inherited": 5,
}
DEFAULTS = {"functions": None, "address": "127.0.0.1", "port": "9009", "requestDataLimit": "10mb"}


@pytest.mark.parametrize(
    ("text", "config"),
    [
        (FULL_CONFIG, FULL_STATUS),
        ("module.exports = {silent: true}", DEFAULTS),
        ("module.exports = function() {}", DEFAULTS),
        ("module.exports = [function() {}]", DEFAULTS),
        ("module.exports = Object.freeze({port: '1'})", {**DEFAULTS, "port": "1"}),
    ],
)
def test_the_status_is_js_hosts(shop: Workshop, text: str, config: dict[str, Any]) -> None:
    host = shop.js(text)
    assert host.ready["status"] == {"type": "Host", "version": "0.12.0", "config": config}


def test_a_config_that_json_cannot_say_still_starts(shop: Workshop) -> None:
    host = shop.js("const c = {port: 1, big: 1n}; c.self = c; module.exports = c")
    assert host.ready["status"]["config"]["port"] == 1
    assert not {"big", "self"} & set(host.ready["status"]["config"])


def test_extend_host_adds_functions(shop: Workshop) -> None:
    host = shop.js(FULL_CONFIG.replace("functions.d = 1", "x = 1"))
    assert host.ready["functions"] == ["a", "b", "c"]
    assert host.call("c") == "added"


def start_fault(shop: Workshop, text: str, name: str = "host.config.js") -> dict[str, Any]:
    program = shop.program("js")
    program.start(kind="js", path=str(shop.write(name, text)))
    header, payload = program.read()
    assert header == {"op": "fault", "code": "start"}
    assert program.wait() == 1
    fault: dict[str, Any] = json.loads(payload)
    return fault


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("module.exports = {}", 'Config file does not export an object. "{path}"'),
        ("module.exports = 5", 'Config file does not export an object. "{path}"'),
        ("module.exports = null", 'Config file does not export an object. "{path}"'),
        ("module.exports = {functions: {'': function() {}}}", '"" is not a valid function name'),
        ("module.exports = {functions: {x: 1}}", "Function handlers must be functions"),
        (
            "module.exports = {functions: {x() {}}, extendHost: (h) => h.addFunction('x', h.f)}",
            'A function has already been defined with the name "x"',
        ),
    ],
)
def test_a_wrong_config_is_refused_in_js_hosts_words(
    shop: Workshop, text: str, message: str
) -> None:
    fault = start_fault(shop, text)
    assert fault["message"] == message.format(path=shop.folder / "host.config.js")


def test_an_old_node_is_refused(shop: Workshop) -> None:
    old = shop.write(
        "old.js", "Object.defineProperty(process, 'versions', {value: {node: '18.19.1'}})"
    )
    program = shop.program("js", {"NODE_OPTIONS": f"--require={old}"})
    header, payload = program.read()
    assert header == {"op": "fault", "code": "start"}
    assert "Node 18.19.1 is too old" in json.loads(payload)["message"]
    assert program.wait() == 1


def test_a_missing_config_names_its_path(shop: Workshop) -> None:
    program = shop.program("js")
    program.start(kind="js", path=str(shop.folder / "none.js"))
    assert str(shop.folder / "none.js") in json.loads(program.read()[1])["message"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("host.config.mjs", "export default {functions: {hi: (d) => `hi ${d.x}`}, port: 7}"),
        ("host.config.mjs", "export const functions = {hi: (d) => `hi ${d.x}`}, port = 7"),
        (
            "host.config.mjs",
            "const x = await Promise.resolve(7);\n"
            "export default {functions: {hi: (d) => `hi ${d.x}`}, port: x}",
        ),
        (
            "host.config.js",
            "'use strict'; Object.defineProperty(exports, '__esModule', {value: true});\n"
            "exports.default = {functions: {hi: (d) => `hi ${d.x}`}, port: 7}",
        ),
    ],
)
def test_module_configs(shop: Workshop, name: str, text: str) -> None:
    host = shop.js(text, name)
    assert host.call("hi", {"x": 1}) == "hi 1"
    assert host.ready["status"]["config"]["port"] == 7
    assert host.ready["functions"] == ["hi"]


def test_a_package_of_modules(shop: Workshop) -> None:
    shop.write("package.json", '{"type": "module"}')
    host = shop.js("export default {functions: {hi: async () => 'hi'}}")
    assert host.call("hi") == "hi"


def test_a_syntax_error_in_a_module_is_a_fault(shop: Workshop) -> None:
    assert start_fault(shop, "export default {", "host.config.mjs")["type"] == "SyntaxError"


def test_the_require_graph_is_told(shop: Workshop) -> None:
    shop.write("lib/a.js", "require('./b.json'); require('pkg')")
    shop.write("lib/b.json", "{}")
    shop.write("lib/late.js", "")
    shop.write("node_modules/pkg/index.js", "")
    host = shop.js(
        "require('./lib/a');"
        "module.exports = {functions: {late: async () => { require('./lib/late'); }}}"
    )
    names = {"host.config.js", "lib/a.js", "lib/b.json"}
    assert set(host.ready["watch"]) == {str(shop.folder / name) for name in names}
    host.call("late")
    assert json.loads(host.wait_for("watch")[1]) == [str(shop.folder / "lib/late.js")]


def test_the_import_graph_is_told(shop: Workshop) -> None:
    shop.write("a.mjs", "import './b.mjs'; import fs from 'fs'")
    shop.write("b.mjs", "export {x} from './c.mjs'")
    shop.write("c.mjs", "export const x = 1")
    host = shop.js("import * as a from './a.mjs'; export default {port: 1}", "host.config.mjs")
    names = ("host.config.mjs", "a.mjs", "b.mjs", "c.mjs")
    assert set(host.ready["watch"]) == {str(shop.folder / name) for name in names}
