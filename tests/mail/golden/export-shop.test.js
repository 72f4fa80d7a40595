// shop.test. Made by reconciler dns export from what Azure asks for.
// Put it behind the D() of the zone.
// Note: shop.test: replace the SPF record `v=spf1 include:_spf.shop.test exists:%{i}.x.test ~all`; receivers treat two as an error
// Note: shop.test: its SPF record needs 5 of at most 10 DNS lookups
// Note: shop.test: `~all` of the published record is kept; ARM's value has `-all`
// Note: shop.test: no SPF record of spf.protection.outlook.com was found; its own lookups are not counted
// Note: news.shop.test: its SPF record needs 1 of at most 10 DNS lookups
// Note: news.shop.test: no SPF record of spf.protection.outlook.com was found; its own lookups are not counted
// Note: selector2-azurecomm-prod-net._domainkey.news.shop.test: replace the CNAME to `old.example`; a name can have one
D_EXTEND("shop.test",
  // Domain of shop.test, SPF of shop.test
  // take out: v=spf1 include:_spf.shop.test exists:%{i}.x.test ~all
  TXT("@", "ms-domain-verification=TOKEN", TTL(3600)),
  TXT("@", "v=spf1 include:_spf.shop.test exists:%{i}.x.test include:spf.protection.outlook.com ~all", TTL(3600)),
  // Domain of news.shop.test, SPF of news.shop.test
  TXT("news", "ms-domain-verification=TOKEN", TTL(3600)),
  TXT("news", "v=spf1 include:spf.protection.outlook.com -all", TTL(3600)),
  // DKIM of shop.test
  CNAME("selector1-azurecomm-prod-net._domainkey", "selector1-azurecomm-prod-net._domainkey.azurecomm.net.", TTL(3600)),
  // DKIM of news.shop.test
  CNAME("selector1-azurecomm-prod-net._domainkey.news", "selector1-azurecomm-prod-net._domainkey.azurecomm.net.", TTL(3600)),
  // DKIM2 of shop.test
  CNAME("selector2-azurecomm-prod-net._domainkey", "selector2-azurecomm-prod-net._domainkey.azurecomm.net.", TTL(3600)),
  // DKIM2 of news.shop.test
  // take out: old.example
  CNAME("selector2-azurecomm-prod-net._domainkey.news", "selector2-azurecomm-prod-net._domainkey.azurecomm.net.", TTL(3600)),
);
