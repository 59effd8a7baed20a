"""Debian's WordPress with a MariaDB of its own, set up from scratch in a folder and spoken to by its own interfaces.

The database listens on a socket only; PHP's built-in server serves the site on a loopback port. Posts, comments and edits
go in by XML-RPC, so that what WordPress publishes is what WordPress made of them.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
import xmlrpc.client
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

WORDPRESS = Path("/usr/share/wordpress")
PACKAGES = "apt-get install wordpress wordpress-theme-twentytwentytwo php-cli php-mysql php-xml mariadb-server"
USER, PASSWORD = "editor", "zq0-only-for-this-test"
_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"

_CONFIG = """<?php
define('DB_NAME', 'wordpress');
define('DB_USER', '{user}');
define('DB_PASSWORD', '');
define('DB_HOST', 'localhost:{socket}');
define('DB_CHARSET', 'utf8mb4');
define('DB_COLLATE', '');
define('WP_HTTP_BLOCK_EXTERNAL', true);
define('AUTOMATIC_UPDATER_DISABLED', true);
define('DISABLE_WP_CRON', true);
define('WP_HOME', '{url}');
define('WP_SITEURL', '{url}');
$table_prefix = 'wp_';
if (!defined('ABSPATH')) define('ABSPATH', __DIR__ . '/');
require_once ABSPATH . 'wp-settings.php';
"""

# What Apache's mod_rewrite and access log do for WordPress: files are served, the rest is index.php's; each request is noted.
_ROUTER = """<?php
register_shutdown_function(function () {
    $conditional = isset($_SERVER['HTTP_IF_NONE_MATCH']) ? ' conditional' : '';
    $line = "{$_SERVER['REQUEST_METHOD']} {$_SERVER['REQUEST_URI']} " . http_response_code() . "$conditional\\n";
    file_put_contents('%s', $line, FILE_APPEND);
});
$path = __DIR__ . rawurldecode(parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH));
if (is_file($path) || is_file(rtrim($path, '/') . '/index.php') && realpath($path) !== __DIR__) return false;
$_SERVER['SCRIPT_NAME'] = '/index.php';
require __DIR__ . '/index.php';
"""

# Set from the start: the installer would otherwise try by asking itself, which a server with one process cannot answer.
_PERMALINKS = "<?php add_filter('pre_option_permalink_structure', fn() => '/%category%/%postname%/');\n"


def missing() -> str:
    """What keeps WordPress from running here, and how to mend it; empty when nothing does."""
    for program in ("php", "mariadbd", "mariadb-install-db"):
        if not shutil.which(program, path=_PATH):
            return f"{program} is not installed: {PACKAGES}"
    if not (WORDPRESS / "wp-includes").is_dir():
        return f"{WORDPRESS} is not there: {PACKAGES}"
    modules = subprocess.run(["php", "-m"], capture_output=True, text=True, check=True).stdout.split()
    lacking = {"mysqli", "SimpleXML", "xml"} - set(modules)
    return f"PHP lacks {', '.join(sorted(lacking))}: {PACKAGES}" if lacking else ""


class WordPressSite:
    """A running WordPress; ``url`` is its address. Use as a context manager."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.root, self.data = folder, folder / "site", folder / "data"
        self.log = folder / "access.log"
        self.socket = folder / "db.sock"
        self.processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> WordPressSite:
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for process in reversed(self.processes):
            process.send_signal(signal.SIGTERM)
            process.wait(30)
        shutil.rmtree(self.root, ignore_errors=True)  # 64 MB that nobody looks at again
        shutil.rmtree(self.data, ignore_errors=True)

    def _start(self) -> None:
        self._start_database()
        shutil.copytree(
            WORDPRESS,
            self.root,
            ignore=shutil.ignore_patterns("akismet", "wp-config.php"),
            ignore_dangling_symlinks=True,
        )
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        (self.root / "wp-config.php").write_text(_CONFIG.format(user=_account(), socket=self.socket, url=self.url))
        (self.root / "router.php").write_text(_ROUTER % self.log)
        (self.root / "wp-content/mu-plugins").mkdir()
        (self.root / "wp-content/mu-plugins/permalinks.php").write_text(_PERMALINKS)
        with (self.folder / "php.log").open("wb") as log:
            self._run(
                "php",
                "-d",
                "opcache.enable_cli=1",
                "-S",
                f"127.0.0.1:{port}",
                "-t",
                str(self.root),
                "router.php",
                log=log,
            )
        _until(lambda: _answers(port), "PHP's server")
        self._install()

    def _start_database(self) -> None:
        account = _account()
        subprocess.run(
            ["mariadb-install-db", "--no-defaults", f"--user={account}", f"--datadir={self.data}", "--skip-test-db",
             "--auth-root-authentication-method=socket", f"--auth-root-socket-user={account}"],
            check=True, capture_output=True, env={**os.environ, "PATH": _PATH},
        )  # fmt: skip
        sql = self.folder / "init.sql"
        sql.write_text("CREATE DATABASE IF NOT EXISTS wordpress CHARACTER SET utf8mb4;\n")
        with (self.folder / "db.log").open("wb") as log:
            self._run(
                str(shutil.which("mariadbd", path=_PATH)), "--no-defaults", f"--user={account}", f"--datadir={self.data}",
                f"--socket={self.socket}", f"--pid-file={self.folder / 'db.pid'}", f"--init-file={sql}", "--skip-networking",
                "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=32M", "--innodb-log-file-size=8M", log=log,
            )  # fmt: skip
        _until(self.socket.exists, "MariaDB")

    def _run(self, *command: str, log: Any) -> None:
        self.processes.append(
            subprocess.Popen(command, cwd=self.root if self.root.exists() else self.folder, stdout=log, stderr=log)
        )

    def _install(self) -> None:
        form = {
            "weblog_title": "河边小站", "user_name": USER, "admin_password": PASSWORD, "admin_password2": PASSWORD, "pw_weak": "1",
            "admin_email": "editor@xiaozhan.example", "blog_public": "1", "language": "",
        }  # fmt: skip
        with urllib.request.urlopen(
            f"{self.url}/wp-admin/install.php?step=2", urllib.parse.urlencode(form).encode(), timeout=120
        ) as page:
            answer = page.read().decode()
        if "WordPress has been installed" not in answer:
            raise RuntimeError(f"WordPress did not install: {re.sub('<[^>]+>', ' ', answer)[:500]}")

    def call(self, calls: Iterable[tuple[str, tuple[Any, ...]]]) -> list[Any]:
        """XML-RPC calls in one request, each with the blog, user and password before its own arguments; their results."""
        with xmlrpc.client.ServerProxy(f"{self.url}/xmlrpc.php", allow_none=True) as proxy:
            many = xmlrpc.client.MultiCall(proxy)
            for method, arguments in calls:
                getattr(many, method)(1, USER, PASSWORD, *arguments)
            return list(many())

    def post(self, *posts: dict[str, Any]) -> list[int]:
        """Publish posts (XML-RPC's fields; ``post_date_gmt`` as a datetime); their ids."""
        return [
            int(id) for id in self.call([("wp.newPost", ({"post_type": "post", **_packed(post)},)) for post in posts])
        ]

    def requests(self) -> list[str]:
        """What was asked of the site so far, oldest first: ``GET /feed/ 304 conditional``."""
        return self.log.read_text("utf-8").splitlines() if self.log.exists() else []


def _packed(post: dict[str, Any]) -> dict[str, Any]:
    return {
        name: xmlrpc.client.DateTime(value) if isinstance(value, datetime) else value for name, value in post.items()
    }


def _account() -> str:
    import pwd

    return pwd.getpwuid(os.getuid()).pw_name


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _until(ready: Any, what: str, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not answer within {seconds:.0f} s")
        time.sleep(0.05)
