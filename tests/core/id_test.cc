// Ids: order, form, shape, and the same bytes for the same seed.
#include "core/id.h"

#include "tests/core/world.h"

using namespace sluice;
using namespace sluice::test;

TEST_CASE("Ids give the bytes of the vectors", "[id][vectors]") {
  const Json vectors(read_file(SLUICE_SOURCE_DIR "/tests/vectors/ids.json"));
  REQUIRE(vectors["cases"].size() > 0);
  for (const json::Value entry : vectors["cases"]) {
    Entropy entropy(0, 0);
    REQUIRE(entropy_from_hex(entry.find("seed").text(), entropy));
    const auto place = static_cast<unsigned>(entry.find("place").integer());
    const auto shard = static_cast<unsigned>(entry.find("shard").integer());
    CHECK(make_id(entry.find("now").integer(), place, shard, entropy) == entry.find("id").text());
  }
}

TEST_CASE("Ids sort by time, then by place, whatever their entropy and shard", "[id]") {
  Entropy entropy(1, 2);
  for (int i = 0; i < 20000; ++i) {
    const int64_t now = static_cast<int64_t>(entropy.below(uint64_t{1} << 47));
    const auto place = static_cast<unsigned>(entropy.below(4095));
    const auto shard = static_cast<unsigned>(entropy.below(256));
    const std::string id = make_id(now, place, shard, entropy);
    CHECK(is_id(id));
    CHECK(id < make_id(now, place + 1, 255 - shard, entropy));
    CHECK(id < make_id(now + 1, 0, shard, entropy));
    CHECK(id_floor(now) < id);
    CHECK(id < id_floor(now + 1));
  }
}

TEST_CASE("Ids are UUIDs of version 7 with their time in front", "[id]") {
  Entropy entropy(3, 4);
  for (int i = 0; i < 1000; ++i) {
    const std::string id = make_id(0x018f00000001, 0xabc, 0, entropy);
    CHECK(id.substr(0, 18) == "018f0000-0001-7abc");
    CHECK(std::string("89ab").find(id[19]) != std::string::npos);
  }
}

TEST_CASE("Only lower-case UUIDs of version 7 are ids", "[id]") {
  CHECK(is_id("018f0000-0001-7abc-8000-000000000000"));
  for (const char* text : {"", "018f0000-0001-4abc-8000-000000000000", "018F0000-0001-7abc-8000-000000000000",
                           "018f0000-0001-7abc-8000-00000000000", "018f0000-0001-7abc-8000-0000000000000",
                           "018f0000_0001-7abc-8000-000000000000", "018f00000-001-7abc-8000-000000000000",
                           "018f0000-0001-7abc-8000-00000000000g"}) {
    INFO(text);
    CHECK_FALSE(is_id(text));
  }
}

TEST_CASE("A floor before 1970 is the smallest id", "[id]") {
  CHECK(id_floor(-5) == "00000000-0000-0000-0000-000000000000");
}

TEST_CASE("Entropy is read from 32 hexadecimal digits and nothing else", "[id]") {
  Entropy entropy(0, 0);
  CHECK(entropy_from_hex("00112233445566778899aabbccDDEEFF", entropy));
  for (const char* text : {"", "0", "00112233445566778899aabbccddeef", "00112233445566778899aabbccddeefg"}) {
    CHECK_FALSE(entropy_from_hex(text, entropy));
  }
  Entropy zero(0, 0);
  CHECK(zero.below(0) == 0);
  CHECK(zero.next() != zero.next());
}

TEST_CASE("Seeds that differ in one bit have nothing in common", "[id]") {
  for (int bit = 0; bit < 64; ++bit) {
    Entropy a(0, 0);
    Entropy b(uint64_t{1} << bit, 0);
    Entropy c(0, uint64_t{1} << bit);
    const uint64_t first = a.next();
    CHECK(first != b.next());
    CHECK(first != c.next());
  }
}
