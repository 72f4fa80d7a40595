# shop.test. Made by reconciler dns export from what Azure asks for.
# Note: shop.test: replace the SPF record `v=spf1 include:_spf.shop.test exists:%{i}.x.test ~all`; receivers treat two as an error
# Note: shop.test: its SPF record needs 5 of at most 10 DNS lookups
# Note: shop.test: `~all` of the published record is kept; ARM's value has `-all`
# Note: shop.test: no SPF record of spf.protection.outlook.com was found; its own lookups are not counted
# Note: news.shop.test: its SPF record needs 1 of at most 10 DNS lookups
# Note: news.shop.test: no SPF record of spf.protection.outlook.com was found; its own lookups are not counted
# Note: selector2-azurecomm-prod-net._domainkey.news.shop.test: replace the CNAME to `old.example`; a name can have one

data "azurerm_dns_zone" "shop_test" {
  name = "shop.test"
}

# Domain of shop.test, SPF of shop.test
# The record set is there already: import it, unless Terraform has it.
# It replaces: v=spf1 include:_spf.shop.test exists:%{i}.x.test ~all
resource "azurerm_dns_txt_record" "shop_test_txt" {
  name                = "@"
  zone_name           = data.azurerm_dns_zone.shop_test.name
  resource_group_name = data.azurerm_dns_zone.shop_test.resource_group_name
  ttl                 = 3600

  record {
    value = "ms-domain-verification=TOKEN"
  }

  record {
    value = "v=spf1 include:_spf.shop.test exists:%%{i}.x.test include:spf.protection.outlook.com ~all"
  }

  record {
    value = "k=012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
  }

  record {
    value = "site=x; y"
  }
}

# Domain of news.shop.test, SPF of news.shop.test
resource "azurerm_dns_txt_record" "news_shop_test_txt" {
  name                = "news"
  zone_name           = data.azurerm_dns_zone.shop_test.name
  resource_group_name = data.azurerm_dns_zone.shop_test.resource_group_name
  ttl                 = 3600

  record {
    value = "ms-domain-verification=TOKEN"
  }

  record {
    value = "v=spf1 include:spf.protection.outlook.com -all"
  }
}

# DKIM of shop.test
# The record set is there already: import it, unless Terraform has it.
resource "azurerm_dns_cname_record" "selector1-azurecomm-prod-net__domainkey_shop_test_cname" {
  name                = "selector1-azurecomm-prod-net._domainkey"
  zone_name           = data.azurerm_dns_zone.shop_test.name
  resource_group_name = data.azurerm_dns_zone.shop_test.resource_group_name
  ttl                 = 3600
  record              = "selector1-azurecomm-prod-net._domainkey.azurecomm.net"
}

# DKIM of news.shop.test
resource "azurerm_dns_cname_record" "selector1-azurecomm-prod-net__domainkey_news_shop_test_cname" {
  name                = "selector1-azurecomm-prod-net._domainkey.news"
  zone_name           = data.azurerm_dns_zone.shop_test.name
  resource_group_name = data.azurerm_dns_zone.shop_test.resource_group_name
  ttl                 = 3600
  record              = "selector1-azurecomm-prod-net._domainkey.azurecomm.net"
}

# DKIM2 of shop.test
resource "azurerm_dns_cname_record" "selector2-azurecomm-prod-net__domainkey_shop_test_cname" {
  name                = "selector2-azurecomm-prod-net._domainkey"
  zone_name           = data.azurerm_dns_zone.shop_test.name
  resource_group_name = data.azurerm_dns_zone.shop_test.resource_group_name
  ttl                 = 3600
  record              = "selector2-azurecomm-prod-net._domainkey.azurecomm.net"
}

# DKIM2 of news.shop.test
# The record set is there already: import it, unless Terraform has it.
# It replaces: old.example
resource "azurerm_dns_cname_record" "selector2-azurecomm-prod-net__domainkey_news_shop_test_cname" {
  name                = "selector2-azurecomm-prod-net._domainkey.news"
  zone_name           = data.azurerm_dns_zone.shop_test.name
  resource_group_name = data.azurerm_dns_zone.shop_test.resource_group_name
  ttl                 = 3600
  record              = "selector2-azurecomm-prod-net._domainkey.azurecomm.net"
}
