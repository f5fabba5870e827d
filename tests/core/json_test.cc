// The JSON reader: shared vectors, limits, exhaustive small inputs, and agreement with nlohmann/json.
#include "core/json.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "tests/core/json_oracle.h"

namespace {

using sluice::json::Code;
using sluice::json::Document;
using sluice::json::Error;
using sluice::json::Kind;
using sluice::json::Value;
using sluice::json::oracle::Tree;
namespace oracle = sluice::json::oracle;

std::string from_hex(const std::string& hex) {
  std::string bytes;
  for (size_t n = 0; n < hex.size(); n += 2) {
    bytes.push_back(static_cast<char>(std::stoi(hex.substr(n, 2), nullptr, 16)));
  }
  return bytes;
}

struct Case {
  std::string text;
  std::string code;
  size_t offset = 0;
};

std::vector<Case> shared_cases() {
  std::ifstream file(SLUICE_SOURCE_DIR "/tests/vectors/json.json");
  const Tree vectors = Tree::parse(file, nullptr, false);
  std::vector<Case> cases;
  for (const Tree& row : vectors["cases"]) {
    const bool is_text = row.contains("text");
    cases.push_back({is_text ? row["text"].get<std::string>() : from_hex(row["hex"].get<std::string>()),
                     row["code"].get<std::string>(), row.value("offset", size_t{0})});
  }
  return cases;
}

Code code_of(std::string_view text) {
  Document document;
  return document.parse(text).code;
}

// Reads `text` and compares everything there is to compare with nlohmann; true where they agree.
bool agrees(Document& document, std::string_view text) {
  const Error error = document.parse(text);
  if (error.offset > text.size() || !error != oracle::accepts(text)) return false;
  if (error) return !document.root();
  return oracle::tree_of(document.root()) == oracle::tree_of(text);
}

// `members` members "k0" to …, then `tail`.
std::string object_of(int members, const std::string& tail) {
  std::string text = "{";
  for (int n = 0; n < members; ++n) {
    if (n > 0) text.append(",");
    text.append("\"k").append(std::to_string(n)).append("\":").append(std::to_string(n));
  }
  return text.append(tail).append("}");
}

std::string repeat(std::string_view part, size_t times) {
  std::string text;
  for (; times > 0; --times) text.append(part);
  return text;
}

}  // namespace

TEST_CASE("The reader stops with the right code at the right byte", "[json]") {
  const std::vector<Case> cases = shared_cases();
  REQUIRE(cases.size() > 200);
  Document document;
  std::set<std::string> seen;
  for (const Case& row : cases) {
    CAPTURE(row.text);
    const Error error = document.parse(row.text);
    CHECK(sluice::json::name(error.code) == row.code);
    CHECK(error.offset == row.offset);
    CHECK(static_cast<bool>(document.root()) == !error);
    CHECK(oracle::accepts(row.text) == !error);
    if (!error) {
      CHECK(oracle::tree_of(document.root()) == oracle::tree_of(row.text));
      CHECK(oracle::raw_texts_agree(document.root()));
    }
    seen.insert(row.code);
  }
  for (size_t code = 0; code < static_cast<size_t>(Code::kCount); ++code) {
    if (static_cast<Code>(code) == Code::too_many_values) continue;  // too long for the vectors
    CHECK(seen.count(std::string(sluice::json::name(static_cast<Code>(code)))) == 1);
  }
}

TEST_CASE("A text may hold kValuesMax values and not one more", "[json]") {
  const std::string most = "[" + repeat("0,", sluice::json::kValuesMax - 2) + "0]";
  Document document;
  REQUIRE(!document.parse(most));
  CHECK(document.root().size() == sluice::json::kValuesMax - 1);
  const std::string more = "[0," + most.substr(1);
  const Error error = document.parse(more);
  CHECK(error.code == Code::too_many_values);
  CHECK(error.offset == more.size() - 2);
}

TEST_CASE("A number may be kNumberBytesMax bytes long", "[json]") {
  const std::string longest = "0." + std::string(sluice::json::kNumberBytesMax - 2, '3');
  Document document;
  REQUIRE(!document.parse(longest));
  CHECK(document.root().number() == 1.0 / 3.0);
  const Error error = document.parse("[" + longest + "3]");
  CHECK(error.code == Code::number_out_of_range);
  CHECK(error.offset == 1);
  CHECK(code_of(std::string(309, '9')) == Code::number_out_of_range);
  CHECK(code_of(std::string(308, '9')) == Code::ok);
  CHECK(code_of(std::string(600, '9') + "e-300") == Code::ok);
}

TEST_CASE("A repeated key is found wherever it stands in objects of every size", "[json]") {
  Document document;
  for (const int members : {1, 2, 15, 16, 17, 18, 40}) {
    for (int n = 0; n < members; ++n) {
      const std::string head = object_of(members, ",\"k" + std::to_string(n) + "\"");
      const std::string text = head.substr(0, head.size() - 1) + " : [{}],\"last\":{\"k0\":1}}";
      const Error error = document.parse(text);
      CAPTURE(text);
      CHECK(error.code == Code::duplicate_key);
      CHECK(error.offset == head.size() - 1);
    }
  }
}

TEST_CASE("A repeated key is compared after unescaping in large objects too", "[json]") {
  Document document;
  const std::string text = object_of(30, R"(,"\u006b29":1)");
  CHECK(document.parse(text).code == Code::duplicate_key);
  CHECK(!document.parse(object_of(30, R"(,"\u006b30":{"k1":1})")));
}

TEST_CASE("Objects with very many members are read and their last key is compared with the first", "[json]") {
  const std::string text = object_of(200'000, "");
  Document document;
  REQUIRE(!document.parse(text));
  CHECK(document.root().size() == 200'000);
  CHECK(document.root().find("k199999").integer() == 199'999);
  CHECK(document.parse(object_of(200'000, ",\"k0\":0")).code == Code::duplicate_key);
}

TEST_CASE("Integers within int64 are exact, everything else is a double", "[json]") {
  struct Row {
    const char* text;
    bool is_integer;
    int64_t integer;
    double number;
  };
  const Row rows[] = {
      {"0", true, 0, 0},
      {"-0", true, 0, 0},
      {"-1", true, -1, -1},
      {"1234567890123456789", true, 1234567890123456789, 1234567890123456789.0},
      {"9223372036854775807", true, INT64_MAX, 9223372036854775807.0},
      {"-9223372036854775808", true, INT64_MIN, -9223372036854775808.0},
      {"9223372036854775808", false, -7, 9223372036854775808.0},
      {"-9223372036854775809", false, -7, -9223372036854775808.0},
      {"18446744073709551617", false, -7, 18446744073709551616.0},
      {"99999999999999999999999", false, -7, 1e23},
      {"1.0", false, -7, 1},
      {"1e2", false, -7, 100},
      {"-0.0", false, -7, -0.0},
      {"0.1", false, -7, 0.1},
      {"5e-324", false, -7, 5e-324},
      {"1e-400", false, -7, 0},
      {"1.7976931348623157e308", false, -7, 1.7976931348623157e308},
  };
  Document document;
  for (const Row& row : rows) {
    CAPTURE(row.text);
    REQUIRE(!document.parse(row.text));
    CHECK(document.root().node().truth == row.is_integer);
    CHECK(document.root().integer(-7) == row.integer);
    CHECK(document.root().number() == row.number);
    CHECK(std::signbit(document.root().number()) == std::signbit(row.number));
  }
}

TEST_CASE("Members, elements and texts are found; what is not there is absent", "[json]") {
  const std::string text =
      R"({"a":[10,[20],{"b":30}],"text":"x\ty","yes":true,"no":false,"none":null,"":"empty key"})";
  Document document;
  REQUIRE(!document.parse(text));
  const Value root = document.root();
  CHECK(root.size() == 6);
  CHECK(root.raw() == text);
  CHECK(root.find("a").size() == 3);
  CHECK(root.find("a").at(0).integer() == 10);
  CHECK(root.find("a").at(0).key().empty());
  CHECK(root.find("a").at(1).raw() == "[20]");
  CHECK(root.find("a").at(2).find("b").integer() == 30);
  CHECK(root.find("a").at(2).find("b").key() == "b");
  CHECK(root.find("text").text() == "x\ty");
  CHECK(root.find("text").raw() == R"("x\ty")");
  CHECK(root.find("yes").truth());
  CHECK_FALSE(root.find("no").truth(true));
  CHECK(root.find("none").is(Kind::null));
  CHECK(root.find("").text() == "empty key");

  const Value absent[] = {root.find("b"),          root.at(0), root.find("a").at(3), root.find("a").find("b"),
                          root.find("text").at(0), Value()};
  for (const Value value : absent) {
    CHECK_FALSE(value);
    CHECK_FALSE(value.is(Kind::null));
    CHECK(value.raw().empty());
    CHECK(value.text().empty());
    CHECK(value.size() == 0);
    CHECK(value.integer(5) == 5);
    CHECK(value.number() == 0);
    CHECK(value.truth(true));
    CHECK_FALSE(value.find("a"));
    CHECK_FALSE(value.begin() != value.end());
  }
  const Value scalar = root.find("text");
  CHECK_FALSE(scalar.begin() != scalar.end());
}

TEST_CASE("Unescaped texts stay in place while further ones are read", "[json]") {
  std::string text = "[";
  for (int n = 0; n < 2000; ++n) text.append(n > 0 ? "," : "").append("\"\\n" + std::to_string(n) + "\"");
  text.append("]");
  Document document;
  REQUIRE(!document.parse(R"(["\n"])"));  // leaves a small buffer behind
  REQUIRE(!document.parse(text));
  int n = 0;
  for (const Value element : document.root()) {
    CHECK(element.text() == "\n" + std::to_string(n));
    ++n;
  }
  CHECK(n == 2000);
}

TEST_CASE("A document can be read again after any outcome", "[json]") {
  Document document;
  REQUIRE(!document.parse(R"({"a":"\n","b":[1,2,3]})"));
  CHECK(document.parse(R"({"a":"\n","b":[1,2,3)").code == Code::unexpected_end);
  CHECK_FALSE(document.root());
  REQUIRE(!document.parse(R"(["\t"])"));
  CHECK(document.root().size() == 1);
  CHECK(document.root().at(0).text() == "\t");
}

TEST_CASE("Every byte at every position of short strings is judged as nlohmann judges it", "[json]") {
  Document document;
  for (size_t length = 1; length <= 20; ++length) {
    for (size_t at = 0; at < length; ++at) {
      for (int byte = 0; byte < 256; ++byte) {
        std::string text = "\"" + std::string(length, 'a') + "\"";
        text[1 + at] = static_cast<char>(byte);
        if (!agrees(document, text)) FAIL("length " << length << ", byte " << byte << " at " << at);
      }
    }
  }
  SUCCEED();
}

TEST_CASE("Every start of a UTF-8 sequence is judged as nlohmann judges it", "[json]") {
  Document document;
  for (int lead = 0x80; lead < 256; ++lead) {
    for (int second = 0; second < 256; ++second) {
      for (const char* rest : {"", "\x80", "\xbf", "\x7f", "\xc0", "\x80\x80", "\xbf\xbf", "\x80\x7f"}) {
        std::string text = "\"";
        text.append(1, static_cast<char>(lead))
            .append(1, static_cast<char>(second))
            .append(rest)
            .append("\"");
        if (!agrees(document, text)) FAIL("lead " << lead << ", second " << second);
      }
    }
  }
  SUCCEED();
}

TEST_CASE("Every \\u escape alone and before a second one stands for what nlohmann says", "[json]") {
  constexpr char kHex[] = "0123456789abCDEF";
  Document document;
  for (unsigned unit = 0; unit < 0x10000; ++unit) {
    std::string escape = "\\u";
    for (int shift = 12; shift >= 0; shift -= 4) escape.push_back(kHex[(unit >> shift) & 15]);
    for (const char* rest : {"", "\\udfff", "\\udc00", "\\ud800"}) {
      if (unit % 97 != 0 && unit < 0xd000 && *rest != '\0') continue;
      if (!agrees(document, "\"" + escape + rest + "\"")) FAIL("unit " << unit << rest);
    }
  }
  SUCCEED();
}

TEST_CASE("Doubles are the ones nlohmann reads, bit for bit", "[json]") {
  std::mt19937 random(7);
  Document document;
  for (int round = 0; round < 50'000; ++round) {
    std::string text = random() % 2 == 0 ? "-" : "";
    text.append(std::to_string(random() % 1000));
    text.append(".").append(std::to_string(random()));
    if (random() % 3 != 0) text.append(random() % 2 == 0 ? "e" : "E-").append(std::to_string(random() % 300));
    if (document.parse(text)) FAIL(text);
    const double ours = document.root().number();
    const double theirs = oracle::tree_of(std::string_view(text)).get<double>();
    if (std::memcmp(&ours, &theirs, sizeof ours) != 0) FAIL(text);
  }
  SUCCEED();
}

TEST_CASE("No prefix of a text is a text", "[json]") {
  const std::string text = R"({"a":["x\u0041\ud83d\ude00",true,false,null,{"b":{},"c":[]}],"d":"e"})";
  Document document;
  REQUIRE(!document.parse(text));
  for (size_t size = 1; size < text.size(); ++size) {
    const Error error = document.parse(std::string_view(text).substr(0, size));
    CAPTURE(size);
    // Half of a surrogate pair is refused as such.
    if (error.code == Code::lone_surrogate) continue;
    CHECK(error.code == Code::unexpected_end);
    CHECK(error.offset == size);
  }
}

TEST_CASE("Mutated texts are judged as nlohmann judges them", "[json]") {
  static constexpr std::string_view kPieces[] = {
      "{",    "}",   "[",      "]",         ",",     ":",        "\"",
      "\\",   "\\u", "d83d",   "\\ude00",   "0",     "1",        "-",
      ".",    "e",   "E+",     "9",         "true",  "false",    "null",
      " ",    "\n",  "\"a\":", "\"k1\":1,", "1e999", "\xc3\xa9", "\xf0\x9f\x98\x80",
      "\x80",
  };
  std::vector<std::string> texts;
  for (const Case& row : shared_cases()) texts.push_back(row.text);
  texts.push_back(object_of(20, R"(,"x":[1.5,-2e3,{"y":"é\n"}])"));
  std::mt19937 random(20);
  Document document;
  int accepted = 0;
  for (int round = 0; round < 150'000; ++round) {
    std::string text = texts[random() % texts.size()];
    for (int edits = static_cast<int>(random() % 3); edits >= 0; --edits) {
      const size_t at = random() % (text.size() + 1);
      switch (random() % 5) {
        case 0:
          text.insert(at, kPieces[random() % std::size(kPieces)]);
          break;
        case 1:
          text.erase(at, 1 + random() % 3);
          break;
        case 2:
          if (at < text.size()) text[at] = static_cast<char>(random() % 256);
          break;
        case 3:
          text.insert(at, text.substr(at, random() % 12));
          break;
        default:
          text.insert(at, texts[random() % texts.size()]);
      }
    }
    if (!agrees(document, text)) FAIL("round " << round << ": " << text);
    if (document.root()) ++accepted;
  }
  CHECK(accepted > 5'000);
}
