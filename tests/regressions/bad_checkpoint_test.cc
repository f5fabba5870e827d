// One checkpoint that the database refuses kept every other job of the worker from renewing its lease.
#include "tests/core/world.h"

using namespace sluice;
using namespace sluice::test;

namespace {

std::string runs(const std::vector<std::string>& ids, int64_t lease_until) {
  std::string out;
  for (size_t i = 0; i < ids.size(); ++i) {
    out += (i == 0 ? "" : ",") + std::string(R"({"id":")") + ids[i] + R"(","fence":1,"leaseUntil":)" +
           std::to_string(lease_until);
    if (i == 0) out += R"(,"frame":0)";
    out += "}";
  }
  return R"({"runs":[)" + out + "]}";
}

}  // namespace

TEST_CASE("A checkpoint that cannot be kept stops no renewal", "[regression][pulse]") {
  const std::string checkpoint =
      GENERATE(std::string("\"") + std::string(2'500'000, 'x') + "\"", std::string("{"));
  World world;
  const std::vector<std::string> ids = {world.enqueue(), world.enqueue()};
  for (const std::string& id : ids) (void)world.take(id);
  const int64_t lease = world.db.job_number(ids[1], "lease_until");
  world.now += 200000;
  const Outcome out = world.drive(pulse, runs(ids, lease), {checkpoint});
  CHECK(out.step.aborts.empty());
  CHECK(world.db.job_number(ids[1], "lease_until") == world.now + 300000);
}

TEST_CASE("Checkpoints of several jobs together may exceed one parameter", "[regression][pulse]") {
  World world;
  const std::vector<std::string> ids = {world.enqueue(), world.enqueue(), world.enqueue()};
  std::string list;
  for (const std::string& id : ids) {
    (void)world.take(id);
    list += (list.empty() ? "" : ",") + std::string(R"({"id":")") + id + R"(","fence":1,"leaseUntil":)" +
            std::to_string(world.now + 300000) + R"(,"frame":0})";
  }
  (void)world.drive(pulse, R"({"runs":[)" + list + "]}", {"\"" + std::string(900'000, 'x') + "\""});
  CHECK(world.db.number("SELECT count(*) FROM bodies WHERE kind = 'checkpoint'") == 3);
}
