// Keys of gates: one spelling for what is the same.
#include "core/gate_keys.h"

#include "core/limits.h"
#include "tests/core/gate_world.h"

using namespace sluice;
using namespace sluice::test;

TEST_CASE("URLs of one page have one key", "[gate]") {
  const std::string key = "https://shop.example/a?b=1&c=2";
  for (const char* url :
       {"https://shop.example/a?b=1&c=2", "HTTPS://Shop.Example:443/a?b=1&c=2#top",
        " https://shop.example./a?b=1&c=2 ", "https://shop.example:0443/a?utm_source=x&b=1&UTM_medium=y&c=2",
        "https://shop.example/a?&b=1&&c=2&"}) {
    INFO(url);
    CHECK(url_key(url) == key);
  }
  CHECK(url_key("http://shop.example") == "http://shop.example/");
  CHECK(url_key("http://shop.example/?#x") == "http://shop.example/");
  CHECK(url_key("http://shop.example:8080/A") == "http://shop.example:8080/A");
  CHECK(url_key("http://[::1]:80/") == "http://[::1]/");
  CHECK(url_key("http://[::1]/") == "http://[::1]/");
}

TEST_CASE("A host's key is its name, with a port that is not the scheme's own", "[gate]") {
  CHECK(host_key("https://Shop.Example:443/a") == "shop.example");
  CHECK(host_key("http://shop.example") == "shop.example");
  CHECK(host_key("http://shop.example:443/") == "shop.example:443");
  CHECK(host_key("http://shop.example:/") == "shop.example");
  CHECK(host_key("http://shop.example\\a") == "shop.example");
}

TEST_CASE("What is no web address has no key", "[gate]") {
  for (const char* url : {"", "shop.example", "ftp://shop.example/", "http://", "http:///a", "http://:80/",
                          "https://user:secret@shop.example/", "mailto:a@shop.example"}) {
    INFO(url);
    CHECK(url_key(url).empty());
    CHECK(host_key(url).empty());
  }
}

TEST_CASE("Long URLs have keys of bounded length that still differ, and are whole characters", "[gate]") {
  std::string url = "http://shop.example/";
  for (int n = 0; n < 400; ++n) url += "\xc3\xa9";
  const std::string one = url_key(url + "1");
  const std::string other = url_key(url + "2");
  CHECK(one.size() <= limits::kGateUrlBytesMax);
  CHECK(one.size() > limits::kGateUrlBytesMax - 3);
  CHECK(one != other);
  CHECK(one == url_key(url + "1#there"));
  const size_t mark = one.find('#');
  CHECK(static_cast<unsigned char>(one[mark - 1]) == 0xa9);
}

TEST_CASE("A policy says which gates a job has", "[gate]") {
  World world(gate_config());
  const auto gates = [&](const std::string& type, const std::string& payload) {
    const Outcome out = world.admit(type, payload);
    return world.db.job(out.reply().text("jobId"), "gates");
  };
  CHECK(gates("reaching", R"({"page":"http://A.example/x#y"})") ==
        R"(["u:http://a.example/x","h:a.example"])");
  CHECK(gates("reaching", R"({"page":7})") == "NULL");
  CHECK(gates("calling", R"({"page":"http://a.example/x"})") == R"(["s://a.example","s:mail"])");
  CHECK(gates("plain", R"({"page":"http://a.example/x"})") == "NULL");
  (void)world.claim(
      {R"({"id":"theirs","type":"reaching","payload":{"page":"http://a.example/z"},"metadata":{}})"});
  CHECK(world.db.text("SELECT gates FROM jobs WHERE unique_key = 'ext:theirs'") ==
        R"(["u:http://a.example/z","h:a.example"])");
}

TEST_CASE("One URL is worked on by one job at a time, however it is spelt", "[gate]") {
  World world(gate_config());
  const std::string first = world.admit("reaching", R"({"page":"http://a.example/x"})").reply().text("jobId");
  const std::string second =
      world.admit("reaching", R"({"page":"HTTP://a.example:80/x#top"})").reply().text("jobId");
  CHECK(world.claim({World::wake(first), World::wake(second)}).step.runs.size() == 1);
  CHECK(world.db.number("SELECT count(*) FROM jobs WHERE held_by = 'u:http://a.example/x'") == 1);
}

TEST_CASE("A policy with gates that are no texts is refused", "[gate]") {
  Config config;
  CHECK(config.load(R"({"types":[{"type":"a","queue":"q","payload":{},"gates":{"url":7}}]})") ==
        "job type a: gates.url must be a text");
  Config other;
  CHECK(other.load(R"({"types":[{"type":"a","queue":"q","payload":{},"gates":[]}]})") ==
        "job type a: gates must be an object");
}
