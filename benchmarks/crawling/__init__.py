"""Pages per second of a crawl over a thousand loopback subsites, beside Scrapy doing the same."""
