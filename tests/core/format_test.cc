// The string formats of schemas.
#include "core/format.h"

#include <catch2/catch.hpp>
#include <string>

using sluice::is_date_time;
using sluice::is_email;
using sluice::is_http_uri;
using sluice::is_uuid;

TEST_CASE("Absolute http and https URLs with a host are URIs", "[format]") {
  for (const std::string text : {
           "http://a",
           "https://example.com",
           "HTTPS://Example.COM/",
           "http://example.com:8080/a/b?c=d#e",
           "http://example.com:/",
           "http://example.com:65535",
           "http://user:secret@example.com/",
           "http://a?b",
           "http://a#b",
           "http://127.0.0.1/",
           "http://[::1]/",
           "http://[2001:db8::1]:8080/x",
           "http://[::ffff:127.0.0.1]",
           "https://größe.example/schuhe?größe=42",
           "http://a/b|c{d}`e'f(g)",
           "http://a/@b:c",
           "http://a/?x=[1]",
           "http://a_b.example",
       }) {
    CAPTURE(text);
    CHECK(is_http_uri(text));
  }
}

TEST_CASE("Other schemes, missing hosts, bad ports and stray characters make no URI", "[format]") {
  for (const std::string text : {
           "",
           "http",
           "http:",
           "http:/",
           "http://",
           "https://",
           "http:///path",
           "http://?x",
           "http://#x",
           "http://:80",
           "http://user@",
           "http://user@:80/",
           "ftp://a",
           "file:///etc/passwd",
           "javascript:alert(1)",
           "mailto:a@b.example",
           "//example.com",
           "/path",
           "example.com",
           "httpx://a",
           "http//a",
           " http://a",
           "http://a ",
           "http://a/b c",
           "http://a/\tb",
           "http://a/\n",
           "http://a/\x7f",
           "http://a/\"b\"",
           "http://a/<b>",
           "http://good.example\\@bad.example",
           "http://a/b\\c",
           "http://a:65536",
           "http://a:99999",
           "http://a:8o",
           "http://a:-1",
           "http://a:80:80",
           "http://[::1",
           "http://[]",
           "http://[]:80",
           "http://[1234]",
           "http://[::1]x",
           "http://[::1]:x",
           "http://[::g]",
           "http://::1]",
           "http://a]b",
       }) {
    CAPTURE(text);
    CHECK_FALSE(is_http_uri(text));
  }
  CHECK_FALSE(is_http_uri(std::string("http://a/\0b", 11)));
}

TEST_CASE("A URI is at most kUriBytesMax bytes long", "[format]") {
  const std::string longest = "http://a/" + std::string(sluice::kUriBytesMax - 9, 'x');
  CHECK(is_http_uri(longest));
  CHECK_FALSE(is_http_uri(longest + "x"));
}

TEST_CASE("Addresses that mailers take are e-mail addresses", "[format]") {
  const std::string label(63, 'l');
  for (const std::string& text : {
           std::string("a@b"),
           std::string("joe.bloggs@example.com"),
           std::string("a+tag@sub.example.co.uk"),
           std::string("~!#$%&'*+/=?^_`{|}-@x-y.example"),
           std::string("1@2.3"),
           std::string("jürgen@münchen.example"),
           std::string(64, 'a') + "@b.example",
           "a@" + label + "." + label + ".example",
       }) {
    CAPTURE(text);
    CHECK(is_email(text));
  }
}

TEST_CASE("Malformed and overlong addresses are no e-mail addresses", "[format]") {
  const std::string label(63, 'l');
  for (const std::string& text : {
           std::string(""),
           std::string("a"),
           std::string("@"),
           std::string("a@"),
           std::string("@b"),
           std::string("a b@c"),
           std::string("a@b c"),
           std::string(".a@b"),
           std::string("a.@b"),
           std::string("a..b@c"),
           std::string("a@b..c"),
           std::string("a@.b"),
           std::string("a@b."),
           std::string("a@-b"),
           std::string("a@b-"),
           std::string("a@b@c"),
           std::string("\"a b\"@c"),
           std::string("a@[127.0.0.1]"),
           std::string("a,b@c"),
           std::string("a@b_c"),
           std::string("a\n@b"),
           std::string("a@b\r\nBcc: c@d"),
           std::string("<a@b>"),
           std::string(65, 'a') + "@b",
           "a@" + label + "l.example",
           "a@" + label + "." + label + "." + label + "." + label,
       }) {
    CAPTURE(text);
    CHECK_FALSE(is_email(text));
  }
}

TEST_CASE("RFC 3339 date-times are taken", "[format]") {
  for (const std::string text : {
           "1963-06-19T08:30:06.283185Z",
           "1963-06-19T08:30:06Z",
           "1990-12-31T15:59:50.123-08:00",
           "1963-06-19t08:30:06.28z",
           "0000-01-01T00:00:00Z",
           "9999-12-31T23:59:59+23:59",
           "2024-02-29T00:00:00Z",
           "2000-02-29T00:00:00Z",
           "2026-04-30T00:00:00-00:00",
           "1998-12-31T23:59:60Z",
           "1998-12-31T15:59:60.123-08:00",
           "1999-01-01T05:29:60+05:30",
           "2026-01-01T00:00:00.000000000001Z",
       }) {
    CAPTURE(text);
    CHECK(is_date_time(text));
  }
}

TEST_CASE("What RFC 3339 does not allow is no date-time", "[format]") {
  for (const std::string text : {
           "",
           "Z",
           "2026-01-01",
           "08:30:06Z",
           "2026-01-01T00:00:00",
           "2026-01-01 00:00:00Z",
           "2026-01-01T00:00Z",
           "2026-00-01T00:00:00Z",
           "2026-13-01T00:00:00Z",
           "2026-01-00T00:00:00Z",
           "2026-01-32T00:00:00Z",
           "2026-02-29T00:00:00Z",
           "1900-02-29T00:00:00Z",
           "2026-04-31T00:00:00Z",
           "2026-01-01T24:00:00Z",
           "2026-01-01T00:60:00Z",
           "2026-01-01T00:00:61Z",
           "2026-01-01T00:00:60Z",
           "2026-01-01T23:59:60+01:00",
           "2026-01-01T00:00:00.Z",
           "2026-01-01T00:00:00,5Z",
           "2026-01-01T00:00:00+0100",
           "2026-01-01T00:00:00+01",
           "2026-01-01T00:00:00+24:00",
           "2026-01-01T00:00:00+01:60",
           "2026-01-01T00:00:00ZZ",
           "2026-01-01T00:00:00Z ",
           " 2026-01-01T00:00:00Z",
           "26-01-01T00:00:00Z",
           "2026-1-1T00:00:00Z",
           "+2026-01-01T00:00:00Z",
           "2026-01-01T00:00:00 Z",
           "2026-01-01T00:00:00+",
           "2026-01-01T00:00:0\xd9\xa1Z",
       }) {
    CAPTURE(text);
    CHECK_FALSE(is_date_time(text));
  }
}

TEST_CASE("A UUID is 32 hex digits in five groups", "[format]") {
  CHECK(is_uuid("00000000-0000-0000-0000-000000000000"));
  CHECK(is_uuid("2EB8AA08-AA98-11EA-B4Aa-73b441D16380"));
  for (const std::string text : {
           "",
           "2eb8aa08-aa98-11ea-b4aa-73b441d1638",
           "2eb8aa08-aa98-11ea-b4aa-73b441d163800",
           "2eb8aa08aa98-11ea-b4aa-73b441d163800",
           "2eb8aa08aa9811eab4aa73b441d16380",
           "2eb8aa08-aa98-11ea-b4aa-73b441d1638g",
           "{2eb8aa08-aa98-11ea-b4aa-73b441d1638",
           "2eb8-aa08-aa98-11ea-b4aa73b44-1d16380",
       }) {
    CAPTURE(text);
    CHECK_FALSE(is_uuid(text));
  }
}
