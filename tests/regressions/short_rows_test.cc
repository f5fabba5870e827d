// A row with fewer columns than the core reads made an answer that was no JSON: what is absent was written as
// nothing at all instead of null.
#include "core/id.h"
#include "tests/core/world.h"

using namespace sluice;
using namespace sluice::test;

namespace {

Step answer(Step (*flow)(const Input&), const std::string& control, const std::string& rows,
            const std::vector<std::string>& bodies = {}) {
  static std::vector<std::unique_ptr<Json>> kept;  // steps view what they were made from
  kept.push_back(std::make_unique<Json>(control));
  const json::Value root = kept.back()->root();
  kept.push_back(std::make_unique<Json>(rows));
  Input input{default_config(), root, kStart, Entropy(0, 0), {}, {}, false, {}, 0};
  for (const std::string& body : bodies) input.frames.emplace_back(body);
  input.rows.push_back(kept.back()->root());
  return flow(input);
}

}  // namespace

TEST_CASE("Rows that are too short are shown with nulls", "[regression]") {
  for (const char* row : {"[]", R"(["id"])", R"(["id","plain"])", "null", "7"}) {
    INFO(row);
    const std::string rows = "[[" + std::string(row) + "]]";
    const Json job(answer(query, R"({"kind":"job"})", rows).reply.body);
    CHECK(job["payload"].is(json::Kind::null));
    CHECK(Json(answer(query, R"({"kind":"attempts"})", rows).reply.body)["attempts"].size() == 0);
    CHECK(Json(answer(query, R"({"kind":"list"})", rows).reply.body)["jobs"].size() == 1);
  }
  const std::string letter = World::wake("01a3185c-5000-7000-a007-106ca4318a61", 2);
  Entropy entropy(0, 0);
  const std::string row = R"(["01a3185c-5000-7000-a007-106ca4318a61",2,")" + make_nonce(entropy) + R"("])";
  const Step buried =
      answer(bury, R"({"messages":[{"id":"m","attempts":1}]})", "[[],[],[[" + row + "]]]", {letter});
  REQUIRE(buried.alerts.size() == 1);
  CHECK(Json(buried.alerts[0])["lastError"].is(json::Kind::null));
}
