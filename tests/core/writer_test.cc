// The JSON writer, read back by the reader and by nlohmann/json.
#include "core/writer.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/core/json_oracle.h"

using sluice::json::Document;
using sluice::json::Writer;

TEST_CASE("Nested objects and arrays get their commas and colons", "[writer]") {
  std::string out;
  Writer writer(out);
  writer.begin_object();
  writer.key("empty").begin_object().end_object();
  writer.key("none").begin_array().end_array();
  writer.key("list").begin_array().integer(1).string("two").null().boolean(true).begin_object().end_object();
  writer.begin_array().integer(-3).end_array().raw(R"({"x":[0.5]})").end_array();
  writer.key("last").boolean(false);
  writer.end_object();
  CHECK(out == R"({"empty":{},"none":[],"list":[1,"two",null,true,{},[-3],{"x":[0.5]}],"last":false})");
}

TEST_CASE("The writer appends to what the string already holds", "[writer]") {
  std::string out = "event: ";
  Writer(out).begin_array().integer(1).integer(2).end_array();
  CHECK(out == "event: [1,2]");
}

TEST_CASE("Integers are written in full", "[writer]") {
  std::string out;
  Writer(out).begin_array().integer(INT64_MAX).integer(INT64_MIN).integer(0).end_array();
  CHECK(out == "[9223372036854775807,-9223372036854775808,0]");
}

TEST_CASE("What is not set is written as null", "[writer]") {
  std::string out;
  Writer writer(out);
  writer.begin_array();
  writer.string_or_null("").string_or_null("x").integer_or_null(0).integer_or_null(-1);
  writer.raw_or_null("").raw_or_null("[]");
  writer.end_array();
  CHECK(out == R"([null,"x",null,-1,null,[]])");
}

TEST_CASE("Quotes, backslashes and controls are escaped, everything else stands as it is", "[writer]") {
  std::string out;
  sluice::json::append_quoted(out, std::string_view("\"\\/\n\r\t\b\f\x1f\x7f\0é😀", 17));
  CHECK(out == "\"\\\"\\\\/\\n\\r\\t\\u0008\\u000c\\u001f\x7f\\u0000é😀\"");
}

TEST_CASE("Every character comes back as it was, as value and as key", "[writer]") {
  for (unsigned point = 0; point < 0x800; ++point) {
    std::string text = "a";
    if (point < 0x80) {
      text.push_back(static_cast<char>(point));
    } else {
      text.push_back(static_cast<char>(0xc0 | (point >> 6)));
      text.push_back(static_cast<char>(0x80 | (point & 0x3f)));
    }
    text.push_back('b');
    std::string out;
    Writer(out).begin_object().key(text).string(text).end_object();
    Document document;
    CAPTURE(point);
    REQUIRE(!document.parse(out));
    CHECK(document.root().find(text).text() == text);
    CHECK(sluice::json::oracle::tree_of(std::string_view(out)) == nlohmann::json{{text, text}});
  }
}
