// The chat module behind the C ABI: configuration first, and every broken call an error with a text.
#include <catch2/catch.hpp>
#include <cstring>

#include "abi/codec.h"
#include "abi/sluice_abi.h"

namespace {

struct Answer {
  int32_t code = 0;
  std::vector<std::string> frames;
};

Answer call_bytes(int32_t op, const std::string& bytes) {
  std::memcpy(sluice_input(bytes.size()), bytes.data(), bytes.size());
  Answer out;
  out.code = sluice_call(op, bytes.size());
  const std::string output(reinterpret_cast<const char*>(sluice_output()), sluice_output_size());
  std::vector<std::string_view> views;
  REQUIRE(sluice::abi::read_frames(output, views));
  out.frames.assign(views.begin(), views.end());
  return out;
}

Answer call(int32_t op, const std::vector<std::string>& frames) {
  std::string bytes;
  sluice::abi::write_frames({frames.begin(), frames.end()}, bytes);
  return call_bytes(op, bytes);
}

constexpr char kSites[] =
    R"json({"vars":{"SITES":"[{\"scrapeType\":\"hotel\",\"url\":\"https://h.example/{place}\"}]"}})json";
constexpr char kWish[] = R"({"message":"find a hotel in Rome"})";

}  // namespace

TEST_CASE("The chat module reads messages once it has its sites", "[chat][abi]") {
  CHECK(sluice_version() == SLUICE_ABI_VERSION);
  CHECK(call(SLUICE_CHAT_READ, {kWish}).code == SLUICE_ERROR_NOT_CONFIGURED);
  REQUIRE(call(SLUICE_OP_CONFIGURE, {kSites}).code == SLUICE_OK);
  const Answer read = call(SLUICE_CHAT_READ, {kWish});
  REQUIRE(read.code == SLUICE_OK);
  REQUIRE(read.frames.size() == 1);
  CHECK(read.frames[0].find(R"("url":"https://h.example/Rome")") != std::string::npos);
  CHECK(call(SLUICE_CHAT_READ, {kWish}).frames == read.frames);
}

TEST_CASE("Sites that are refused leave the ones before them in place", "[chat][abi]") {
  REQUIRE(call(SLUICE_OP_CONFIGURE, {kSites}).code == SLUICE_OK);
  const Answer refused = call(SLUICE_OP_CONFIGURE, {R"({"vars":{"SITES":"{}"}})"});
  CHECK(refused.code == SLUICE_ERROR_CONFIG);
  CHECK(refused.frames == std::vector<std::string>{"SITES must be a JSON array of {scrapeType, url}"});
  CHECK(call(SLUICE_OP_CONFIGURE, {}).code == SLUICE_ERROR_CONFIG);
  CHECK(call(SLUICE_CHAT_READ, {kWish}).frames.at(0).find("h.example") != std::string::npos);
}

TEST_CASE("What the chat module cannot do is refused with a text", "[chat][abi]") {
  REQUIRE(call(SLUICE_OP_CONFIGURE, {kSites}).code == SLUICE_OK);
  const auto refused = [](const Answer& answer, int32_t code) {
    CHECK(answer.code == code);
    REQUIRE(answer.frames.size() == 1);
    CHECK(answer.frames[0].find_first_not_of(" ") != std::string::npos);
  };
  refused(call(SLUICE_OP_ADMIT_CHAT, {kWish}), SLUICE_ERROR_OP);
  refused(call(SLUICE_OP_SQL, {}), SLUICE_ERROR_OP);
  refused(call(SLUICE_CHAT_READ, {}), SLUICE_ERROR_FRAMES);
  refused(call_bytes(SLUICE_CHAT_READ, "\x01"), SLUICE_ERROR_FRAMES);
}
