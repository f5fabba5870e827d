// The C ABI: configuration first, flows by number, and every broken call an error with a text.
#include <cstring>

#include "abi/codec.h"
#include "abi/sluice_abi.h"
#include "tests/core/world.h"

using namespace sluice;
using namespace sluice::test;

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
  REQUIRE(abi::read_frames(output, views));
  out.frames.assign(views.begin(), views.end());
  return out;
}

Answer call(int32_t op, const std::vector<std::string>& frames) {
  std::string bytes;
  abi::write_frames({frames.begin(), frames.end()}, bytes);
  return call_bytes(op, bytes);
}

void configure() { REQUIRE(call(SLUICE_OP_CONFIGURE, {config_text()}).code == SLUICE_OK); }

const std::string kSeed = R"("seed":"000102030405060708090a0b0c0d0e0f")";

}  // namespace

TEST_CASE("Without a configuration flows are refused, the statements are told", "[abi]") {
  CHECK(call(SLUICE_OP_ADMIT, {"{}"}).code == SLUICE_ERROR_NOT_CONFIGURED);
  CHECK(call(SLUICE_OP_PROBE, {"{}"}).code == SLUICE_ERROR_NOT_CONFIGURED);
  const Answer sql = call(SLUICE_OP_SQL, {});
  CHECK(sql.code == SLUICE_OK);
  REQUIRE(sql.frames.size() == 2 * static_cast<size_t>(Sql::kCount));
  CHECK(sql.frames[0] == "admit_bodies");
  CHECK(sql.frames[1] == sql_text(Sql::admit_bodies));
  CHECK(sluice_version() == SLUICE_ABI_VERSION);
}

TEST_CASE("A configuration that is refused leaves the one before it in place", "[abi]") {
  configure();
  const Answer refused = call(SLUICE_OP_CONFIGURE, {R"({"types":[],"vars":{"LEASE_MS":"x"}})"});
  CHECK(refused.code == SLUICE_ERROR_CONFIG);
  REQUIRE(refused.frames.size() == 1);
  CHECK(refused.frames[0].find("LEASE_MS") == 0);
  CHECK(call(SLUICE_OP_CONFIGURE, {}).code == SLUICE_ERROR_CONFIG);
  CHECK(call(SLUICE_OP_SWEEP, {"{" + kSeed + "}"}).code == SLUICE_OK);
}

TEST_CASE("A request goes to its plan and, with rows, to its answer", "[abi]") {
  configure();
  const std::string control = R"({"now":1800000000000,"bodies":1,)" + kSeed + "}";
  const std::string body = R"({"type":"plain","payload":1})";
  const Answer planned = call(SLUICE_OP_ADMIT, {control, body});
  REQUIRE(planned.code == SLUICE_OK);
  const Json plan(planned.frames[0]);
  REQUIRE(plan["plan"].size() == 3);
  const Json heads(planned.frames[1]);
  const std::string id(heads.root().at(0).at(0).text());
  const Answer done =
      call(SLUICE_OP_ADMIT, {control, body, R"([[],[],[[[")" + id + R"(","pending","op"]]]])"});
  REQUIRE(done.code == SLUICE_OK);
  const Json outcome(done.frames[0]);
  CHECK(outcome["reply"].find("status").integer() == 201);
  CHECK(done.frames[static_cast<size_t>(outcome["reply"].find("frame").integer())] ==
        R"({"jobId":")" + id + R"(","status":"pending"})");
  CHECK(outcome["sends"].size() == 1);
}

TEST_CASE("Every broken call is an error with a text", "[abi]") {
  configure();
  const auto refused = [](const Answer& answer, int32_t code) {
    CHECK(answer.code == code);
    REQUIRE(answer.frames.size() == 1);
    CHECK(answer.frames[0].find_first_not_of(" ") != std::string::npos);
    CHECK(answer.frames[0].front() != '{');
  };
  refused(call(999, {"{}"}), SLUICE_ERROR_OP);
  refused(call_bytes(SLUICE_OP_SWEEP, "\x01"), SLUICE_ERROR_FRAMES);
  refused(call(SLUICE_OP_SWEEP, {}), SLUICE_ERROR_FRAMES);
  refused(call(SLUICE_OP_SWEEP, {"{"}), SLUICE_ERROR_FRAMES);
  refused(call(SLUICE_OP_SWEEP, {"{}"}), SLUICE_ERROR_FRAMES);
  refused(call(SLUICE_OP_SWEEP, {R"({"seed":"00"})"}), SLUICE_ERROR_FRAMES);
  refused(call(SLUICE_OP_SWEEP, {R"({"bodies":1,)" + kSeed + "}"}), SLUICE_ERROR_FRAMES);
  refused(call(SLUICE_OP_SWEEP, {R"({"bodies":-1,)" + kSeed + "}"}), SLUICE_ERROR_FRAMES);
  refused(call(SLUICE_OP_SWEEP, {R"({"bodies":9223372036854775807,)" + kSeed + "}"}), SLUICE_ERROR_FRAMES);
  refused(call(SLUICE_OP_SWEEP, {"{" + kSeed + "}", "not JSON"}), SLUICE_ERROR_FRAMES);
  REQUIRE(call(SLUICE_OP_SWEEP, {"{" + kSeed + "}"}).code == SLUICE_OK);
  refused(call(SLUICE_OP_PROBE, {R"({"probe":"nothing"})"}), SLUICE_ERROR_FRAMES);
  refused(call(SLUICE_OP_PROBE, {}), SLUICE_ERROR_FRAMES);
}

TEST_CASE("Flows given rows that are not theirs answer without harm", "[abi]") {
  configure();
  const std::string body = World::foreign("f");
  for (const int32_t op :
       {SLUICE_OP_ADMIT, SLUICE_OP_ADMIT_BATCH, SLUICE_OP_ADMIT_CHAT, SLUICE_OP_CLAIM, SLUICE_OP_SETTLE,
        SLUICE_OP_PULSE, SLUICE_OP_BURY, SLUICE_OP_SWEEP, SLUICE_OP_QUERY, SLUICE_OP_RETRY, SLUICE_OP_CANCEL,
        SLUICE_OP_LOCK, SLUICE_OP_UNLOCK, SLUICE_OP_PARENTS}) {
    for (const char* rows :
         {"null", "[]", "[[]]", "[[],[],[],[]]", "[[[]],[[[1]]],7]", "{}", "[[1],[2],[[null,1]]]"}) {
      for (const char* control :
           {R"({"bodies":1,"now":1,"kind":"list","id":"x","key":"k","ttlMs":9,"results":[{}],"runs":[{}],)",
            R"({"bodies":1,"failed":true,"tries":0,"failure":"Network connection lost",)",
            R"({"bodies":1,"kind":"job","messages":7,"results":{},"now":-1,)"}) {
        INFO(op << " " << rows << " " << control);
        CHECK(call(op, {control + kSeed + "}", body, rows}).code == SLUICE_OK);
        CHECK(call(op, {control + kSeed + "}", body, rows, rows}).code == SLUICE_OK);
      }
    }
  }
}

TEST_CASE("The probe gives the figures of the vectors", "[abi][vectors]") {
  configure();
  const Json ids(read_file(SLUICE_SOURCE_DIR "/tests/vectors/ids.json"));
  for (const json::Value entry : ids["cases"]) {
    const std::string control = R"({"probe":"id",)" + std::string(entry.raw().substr(1));
    CHECK(call(SLUICE_OP_PROBE, {control}).frames.at(0) ==
          "\"" + std::string(entry.find("id").text()) + "\"");
  }
  const Json backoffs(read_file(SLUICE_SOURCE_DIR "/tests/vectors/backoff.json"));
  for (const json::Value entry : backoffs["cases"]) {
    const std::string control = R"({"probe":"backoff",)" + std::string(entry.raw().substr(1));
    CHECK(call(SLUICE_OP_PROBE, {control}).frames.at(0) == entry.find("delays").raw());
  }
}
