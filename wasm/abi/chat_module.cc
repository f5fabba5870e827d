// The chat module: sites once, then one reading per message. It keeps nothing else.
#include <memory>

#include "abi/codec.h"
#include "abi/door.h"
#include "abi/sluice_abi.h"
#include "chat/message.h"
#include "chat/sites.h"

namespace sluice::abi {
namespace {

std::unique_ptr<std::vector<chat::Site>> g_sites;

int32_t configure(const std::vector<std::string_view>& frames, std::string& output) {
  auto sites = std::make_unique<std::vector<chat::Site>>();
  const std::string why = frames.empty() ? "no configuration was given" : chat::load_sites(frames[0], *sites);
  if (!why.empty()) return refuse(SLUICE_ERROR_CONFIG, why, output);
  g_sites = std::move(sites);
  write_frames({}, output);
  return SLUICE_OK;
}

}  // namespace

int32_t answer(int32_t op, const std::vector<std::string_view>& frames, std::string& output) {
  if (op == SLUICE_OP_CONFIGURE) return configure(frames, output);
  if (op != SLUICE_CHAT_READ) return refuse(SLUICE_ERROR_OP, "no such operation", output);
  if (!g_sites) return refuse(SLUICE_ERROR_NOT_CONFIGURED, "the chat rules are not configured", output);
  if (frames.empty()) return refuse(SLUICE_ERROR_FRAMES, "no message was given", output);
  write_frames({chat::read_message(frames[0], *g_sites)}, output);
  return SLUICE_OK;
}

}  // namespace sluice::abi
