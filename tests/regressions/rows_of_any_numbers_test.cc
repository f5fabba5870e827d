// Sums of times and counts out of rows overflowed where a row held a number that no row of ours holds, and a
// time of the caller's own that was none did the same to the sweep.
#include <cstring>

#include "abi/codec.h"
#include "abi/sluice_abi.h"
#include "core/backoff.h"
#include "core/clock.h"
#include "tests/core/world.h"

using namespace sluice;
using namespace sluice::test;

namespace {

constexpr char kSeed[] = R"("seed":"000102030405060708090a0b0c0d0e0f")";
const std::string kNumbers[] = {"-9223372036854775808", "9223372036854775807", "-1", "253402300799999"};

std::vector<std::string> call(int32_t op, const std::vector<std::string>& frames) {
  std::string bytes;
  abi::write_frames({frames.begin(), frames.end()}, bytes);
  std::memcpy(sluice_input(bytes.size()), bytes.data(), bytes.size());
  REQUIRE(sluice_call(op, bytes.size()) == SLUICE_OK);
  const std::string output(reinterpret_cast<const char*>(sluice_output()), sluice_output_size());
  std::vector<std::string_view> views;
  REQUIRE(abi::read_frames(output, views));
  return {views.begin(), views.end()};
}

std::string control(const std::string& members) { return "{" + members + "," + kSeed + "}"; }

// A record whose numbers are all `n`.
std::string row_of(const std::string& n, const std::string& status) {
  const std::string all = n + "," + n + "," + n;
  return R"("01a3185c-5000-7000-a007-106ca4318a61","plain","background-jobs",)" + all + "," + n +
         R"(,null,null,null,")" + status + R"(",)" + n + R"(,"op",)" + all + "," + n + "," + n +
         R"(,"background-jobs")";
}

}  // namespace

TEST_CASE("Numbers in rows that no row of ours holds overflow nothing", "[regression]") {
  REQUIRE(call(SLUICE_OP_CONFIGURE, {config_text()}).empty());
  const std::string now = R"("now":1800000000000)";
  for (const std::string& n : kNumbers) {
    INFO(n);
    for (const char* status : {"pending", "delayed", "processing", "failed"}) {
      const std::string due = "[[],[],[[" + row_of(n, status) + "," + n + "]],[[0]]]";
      CHECK(Json(call(SLUICE_OP_SWEEP, {control(now), due})[0])["plan"].size() > 0);
      const std::string taken = "[[],[],[],[[[" + row_of(n, status) + ",null,null]]]]";
      const std::string wake = World::wake("01a3185c-5000-7000-a007-106ca4318a61");
      const std::string batch =
          now + R"(,"bodies":1,"queue":"background-jobs","messages":[{"id":"m","attempts":1}])";
      (void)Json(call(SLUICE_OP_CLAIM, {control(batch), wake, taken})[0]);
      const std::string results =
          R"([{"index":0,"kind":"error","ms":)" + n + R"(,"token":["a",)" + n + ",\"q\",null]}]";
      const std::string lease =
          "[[" + row_of(n, status) + R"(,["linear",)" + n + "," + n + "," + n + "],null],1,true]";
      const std::string whole = control(now + R"(,"bodies":2)");
      CHECK(Json(call(SLUICE_OP_SETTLE, {whole, results, lease})[0])["plan"].size() > 0);
    }
    const std::string counter = R"(["q","t")" + [&] {
      std::string out;
      for (int i = 0; i < 9; ++i) out += "," + n;
      return out + ",[[" + n + "," + n + "," + n + "," + n + "]]]";
    }();
    for (const char* kind : {"stats", "queues"}) {
      const std::string rows =
          "[[" + counter + "," + counter + "],[[" + n + "," + n + "," + n + "," + n + "]]]";
      (void)Json(call(SLUICE_OP_QUERY, {control(now + R"(,"kind":")" + kind + "\""), rows})[1]);
    }
  }
}

TEST_CASE("A call with a time that is none is answered as one at the nearest time", "[regression]") {
  REQUIRE(call(SLUICE_OP_CONFIGURE, {config_text()}).empty());
  for (const std::string& n : kNumbers) {
    INFO(n);
    CHECK(Json(call(SLUICE_OP_SWEEP, {control(R"("now":)" + n)})[0])["plan"].size() >= 4);
  }
  CHECK(rfc3339(-1) == "1970-01-01T00:00:00.000Z");
  CHECK(rfc3339(INT64_MAX) == "9999-12-31T23:59:59.999Z");
}
