// shop.test. Made by reconciler dns export from what Azure asks for.
// Note: shop.test: replace the SPF record `v=spf1 include:_spf.shop.test exists:%{i}.x.test ~all`; receivers treat two as an error
// Note: shop.test: its SPF record needs 5 of at most 10 DNS lookups
// Note: shop.test: `~all` of the published record is kept; ARM's value has `-all`
// Note: shop.test: no SPF record of spf.protection.outlook.com was found; its own lookups are not counted
// Note: news.shop.test: its SPF record needs 1 of at most 10 DNS lookups
// Note: news.shop.test: no SPF record of spf.protection.outlook.com was found; its own lookups are not counted
// Note: selector2-azurecomm-prod-net._domainkey.news.shop.test: replace the CNAME to `old.example`; a name can have one

resource zone 'Microsoft.Network/dnsZones@2018-05-01' existing = {
  name: 'shop.test'
}

// Domain of shop.test, SPF of shop.test
// The record set is there already: it is replaced as a whole.
// It replaces: v=spf1 include:_spf.shop.test exists:%{i}.x.test ~all
resource shop_test_txt 'Microsoft.Network/dnsZones/TXT@2018-05-01' = {
  parent: zone
  name: '@'
  properties: {
    TTL: 3600
    TXTRecords: [
      { value: ['ms-domain-verification=TOKEN'] }
      { value: ['v=spf1 include:_spf.shop.test exists:%{i}.x.test include:spf.protection.outlook.com ~all'] }
      { value: ['k=0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012', '34567890123456789012345678901234567890123456789'] }
      { value: ['site=x; y'] }
    ]
  }
}

// Domain of news.shop.test, SPF of news.shop.test
resource news_shop_test_txt 'Microsoft.Network/dnsZones/TXT@2018-05-01' = {
  parent: zone
  name: 'news'
  properties: {
    TTL: 3600
    TXTRecords: [
      { value: ['ms-domain-verification=TOKEN'] }
      { value: ['v=spf1 include:spf.protection.outlook.com -all'] }
    ]
  }
}

// DKIM of shop.test
// The record set is there already: it is replaced as a whole.
resource selector1_azurecomm_prod_net__domainkey_shop_test_cname 'Microsoft.Network/dnsZones/CNAME@2018-05-01' = {
  parent: zone
  name: 'selector1-azurecomm-prod-net._domainkey'
  properties: {
    TTL: 3600
    CNAMERecord: { cname: 'selector1-azurecomm-prod-net._domainkey.azurecomm.net' }
  }
}

// DKIM of news.shop.test
resource selector1_azurecomm_prod_net__domainkey_news_shop_test_cname 'Microsoft.Network/dnsZones/CNAME@2018-05-01' = {
  parent: zone
  name: 'selector1-azurecomm-prod-net._domainkey.news'
  properties: {
    TTL: 3600
    CNAMERecord: { cname: 'selector1-azurecomm-prod-net._domainkey.azurecomm.net' }
  }
}

// DKIM2 of shop.test
resource selector2_azurecomm_prod_net__domainkey_shop_test_cname 'Microsoft.Network/dnsZones/CNAME@2018-05-01' = {
  parent: zone
  name: 'selector2-azurecomm-prod-net._domainkey'
  properties: {
    TTL: 3600
    CNAMERecord: { cname: 'selector2-azurecomm-prod-net._domainkey.azurecomm.net' }
  }
}

// DKIM2 of news.shop.test
// The record set is there already: it is replaced as a whole.
// It replaces: old.example
resource selector2_azurecomm_prod_net__domainkey_news_shop_test_cname 'Microsoft.Network/dnsZones/CNAME@2018-05-01' = {
  parent: zone
  name: 'selector2-azurecomm-prod-net._domainkey.news'
  properties: {
    TTL: 3600
    CNAMERecord: { cname: 'selector2-azurecomm-prod-net._domainkey.azurecomm.net' }
  }
}
