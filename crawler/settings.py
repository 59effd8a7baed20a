"""Scrapy settings that hold for every crawl; what an operator may set is added by ``crawler.run``."""

BOT_NAME = "xuncha"
SPIDER_MODULES = ["crawler.spider"]
SCHEDULER = "crawler.scheduler.LeasedScheduler"
TWISTED_DNS_RESOLVER = "crawler.guards.GlobalOnlyResolver"

# Only http and https: Scrapy's own defaults would also fetch file, ftp, s3 and data URLs.
DOWNLOAD_HANDLERS = {
    "http": "crawler.download.GuardedHandler", "https": "crawler.download.GuardedHandler",
    "data": None, "file": None, "s3": None, "ftp": None,
}  # fmt: skip
DOWNLOAD_VERIFY_CERTIFICATES = True
DOWNLOAD_WARNSIZE = 0

# Gate, robots and redirects are ours: see docs/decisions/0001-own-robots-redirect-retry.md.
ROBOTSTXT_OBEY = False
REDIRECT_ENABLED = False
METAREFRESH_ENABLED = False
RETRY_ENABLED = False
HTTPERROR_ALLOW_ALL = True
DOWNLOADER_MIDDLEWARES = {
    "crawler.middlewares.Gate": 50,
    "crawler.asking.Asking": 60,
    "crawler.drawing.Drawing": 70,
    "crawler.middlewares.CaptureMiddleware": 950,
    # what the frontier, the sources and the guards do already; a proxy would resolve names past the guard
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
    "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": None,
    "scrapy.downloadermiddlewares.downloadtimeout.DownloadTimeoutMiddleware": None,
    "scrapy.downloadermiddlewares.httpproxy.HttpProxyMiddleware": None,
    "scrapy.downloadermiddlewares.stats.DownloaderStats": None,
}
SPIDER_MIDDLEWARES = {
    "scrapy.spidermiddlewares.start.StartSpiderMiddleware": None,
    "scrapy.spidermiddlewares.httperror.HttpErrorMiddleware": None,
    "scrapy.spidermiddlewares.referer.RefererMiddleware": None,
    "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware": None,
    "scrapy.spidermiddlewares.depth.DepthMiddleware": None,
}
EXTENSIONS = {  # off, and not even imported: the last two take half a second to
    "scrapy.extensions.telnet.TelnetConsole": None,
    "scrapy.extensions.memdebug.MemoryDebugger": None,
    "scrapy.extensions.spiderstate.SpiderState": None,
    "scrapy.extensions.throttle.AutoThrottle": None,
    "scrapy.extensions.feedexport.FeedExporter": None,
    "scrapy.extensions.remote_control.RemoteControl": None,
}
ITEM_PIPELINES = {"crawler.pipelines.StorePipeline": 100}

CONCURRENT_REQUESTS = 64  # hosts under way at one time; a host that waits for its pace is none of them
CONCURRENT_ITEMS = 1  # a page has one outcome; Scrapy begins so many tasks for each page
CONCURRENT_REQUESTS_PER_DOMAIN = 1
DOWNLOAD_DELAY = 0
DOWNLOAD_DELAY_JITTER = 0  # a Crawl-delay is a least time, not a mean
REFERER_ENABLED = False
COOKIES_ENABLED = False  # no sessions; and cookies would load tldextract, which calls home
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,application/json;q=0.9,*/*;q=0.5",
    "Accept-Language": "zh-CN,zh;q=0.9,en;q=0.5",
}
LOG_LEVEL = "ERROR"  # what Scrapy warns of (bodies too large, cut off) stands in the refusal ledger
