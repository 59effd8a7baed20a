"""Scrapy settings that hold for every crawl; what an operator may set is added by ``crawler.run``."""

BOT_NAME = "xuncha"
SPIDER_MODULES = ["crawler.spider"]
SCHEDULER = "crawler.scheduler.LeasedScheduler"
TWISTED_DNS_RESOLVER = "crawler.guards.GlobalOnlyResolver"

# Only http and https: Scrapy's own defaults would also fetch file, ftp, s3 and data URLs.
DOWNLOAD_HANDLERS = {"data": None, "file": None, "s3": None, "ftp": None}
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
}
ITEM_PIPELINES = {"crawler.pipelines.StorePipeline": 100}

CONCURRENT_REQUESTS = 32
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
