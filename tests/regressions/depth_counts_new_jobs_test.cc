// Duplicates took places of the queue's depth, so jobs were refused that had room.
#include "tests/core/world.h"

using namespace sluice;
using namespace sluice::test;

TEST_CASE("Duplicates take no place of a queue's maximum depth", "[regression][admit]") {
  const auto config = make_config(R"({"MAX_PENDING_PER_QUEUE":"3"})");
  World world(*config);
  (void)world.enqueue("plain", R"(,"uniqueKey":"k")");
  const Json reply = world.batch(R"([{"type":"plain","payload":1,"uniqueKey":"k"},
                                     {"type":"plain","payload":2},{"type":"plain","payload":3}])").reply();
  CHECK(reply["jobs"].at(0).find("duplicate").truth());
  CHECK(reply["jobs"].at(1).find("status").text() == "pending");
  CHECK(reply["jobs"].at(2).find("status").text() == "pending");
}
