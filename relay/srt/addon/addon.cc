/** Node-API marshalling for core.hpp, and nothing else. One owner per process: libsrt's state is process-wide. */
#include <fcntl.h>
#include <node_api.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core.hpp"

namespace {

using srtio::Core;
using srtio::Event;
using srtio::EventKind;
using srtio::Failure;

std::atomic<bool> owned{false};

/** One per environment. `onData` and `onEvent` are JS functions, `pool` keeps the slabs' memory. */
struct Addon {
  const napi_env env;
  std::unique_ptr<Core> core{};
  napi_threadsafe_function wake = nullptr;
  napi_ref pool = nullptr, onData = nullptr, onEvent = nullptr;
  std::vector<Event> events{};
};

// Reading arguments. A wrong type is a bug of socket.ts and throws.

void require(napi_status status, const char* what) {
  if (status != napi_ok) throw Failure("SRT_BAD_ARGUMENT", std::string("expected ") + what);
}

int32_t toInt(napi_env env, napi_value value) {
  int32_t number;
  require(napi_get_value_int32(env, value, &number), "a number");
  return number;
}

std::string toText(napi_env env, napi_value value) {
  size_t length;
  require(napi_get_value_string_utf8(env, value, nullptr, 0, &length), "a string");
  std::string text(length, '\0');
  napi_get_value_string_utf8(env, value, text.data(), length + 1, &length);
  return text;
}

bool isUndefined(napi_env env, napi_value value) {
  napi_valuetype type;
  napi_typeof(env, value, &type);
  return type == napi_undefined;
}

napi_value property(napi_env env, napi_value object, const char* name) {
  napi_value value;
  require(napi_get_named_property(env, object, name, &value), name);
  return value;
}

srtio::Address toAddress(napi_env env, napi_value host, napi_value port) {
  const std::string text = toText(env, host);
  const auto address = srtio::Address::parse(text, uint16_t(toInt(env, port)));
  if (!address) throw Failure("SRT_BAD_ADDRESS", "'" + text + "' is not an IPv4 or IPv6 address");
  return *address;
}

srtio::LinkSettings toLink(napi_env env, napi_value from) {
  const auto number = [&](const char* name) { return toInt(env, property(env, from, name)); };
  const auto text = [&](const char* name) { return toText(env, property(env, from, name)); };
  return {number("latencyMs"),        number("connectTimeoutMs"), number("idleTimeoutMs"), number("bufferPackets"),
          number("reorderTolerance"), number("keyBytes"),         text("passphrase"),      text("streamId")};
}

srtio::Allowlist toAllowlist(napi_env env, napi_value from) {
  uint32_t length;
  require(napi_get_array_length(env, from, &length), "a list of networks");
  srtio::Allowlist allowed;
  for (uint32_t i = 0; i < length; ++i) {
    napi_value item;
    napi_get_element(env, from, i, &item);
    allowed.push_back(srtio::Network::parse(toText(env, item)));
  }
  return allowed;
}

/** The memory of a typed array of `type`, and its length in elements; null for undefined. */
void* toArray(napi_env env, napi_value value, napi_typedarray_type type, size_t* length) {
  napi_typedarray_type actual;
  void* data = nullptr;
  if (isUndefined(env, value)) return nullptr;
  require(napi_get_typedarray_info(env, value, &actual, length, &data, nullptr, nullptr), "a typed array");
  require(actual == type ? napi_ok : napi_invalid_arg, "a typed array of another type");
  return data;
}

// Making values.

napi_value number(napi_env env, double value) {
  napi_value result;
  napi_create_double(env, value, &result);
  return result;
}

napi_value integer(napi_env env, int32_t value) {
  napi_value result;
  napi_create_int32(env, value, &result);
  return result;
}

napi_value text(napi_env env, const std::string& value) {
  napi_value result;
  napi_create_string_utf8(env, value.data(), value.size(), &result);
  return result;
}

napi_value undefined(napi_env env) {
  napi_value result;
  napi_get_undefined(env, &result);
  return result;
}

napi_value record(napi_env env, std::initializer_list<std::pair<const char*, double>> fields) {
  napi_value result;
  napi_create_object(env, &result);
  for (const auto& [name, value] : fields) napi_set_named_property(env, result, name, number(env, value));
  return result;
}

// Events into JS.

/** A throw in the handler is the program's uncaught exception; the events after it are still delivered. */
void call(const Addon& addon, napi_ref handler, size_t count, const napi_value* arguments) {
  napi_value function, result, error;
  napi_get_reference_value(addon.env, handler, &function);
  const napi_status status =
      napi_call_function(addon.env, undefined(addon.env), function, count, arguments, &result);
  if (status != napi_pending_exception) return;
  napi_get_and_clear_last_exception(addon.env, &error);
  napi_fatal_exception(addon.env, error);
}

void deliver(const Addon& addon, const Event& event) {
  const auto i32 = [&](int32_t value) { return integer(addon.env, value); };
  if (event.kind == EventKind::data) {
    const napi_value arguments[] = {i32(event.socket), i32(event.slab), i32(event.a), i32(event.b)};
    return call(addon, addon.onData, 4, arguments);
  }
  const napi_value arguments[] = {i32(int32_t(event.kind)), i32(event.socket), i32(event.a), i32(event.b),
                                  text(addon.env, event.peer.text()), i32(event.peer.port)};
  call(addon, addon.onEvent, 6, arguments);
}

void onWake(napi_env env, napi_value, void* context, void*) {
  auto& addon = *static_cast<Addon*>(context);
  if (!env || !addon.core) return;  // the environment ends, or stop() came first
  std::vector<Event> events = std::move(addon.events);
  addon.core->queue.take(events);
  for (const Event& event : events) {
    napi_handle_scope scope;
    napi_open_handle_scope(env, &scope);
    deliver(addon, event);
    napi_close_handle_scope(env, scope);
    if (!addon.core) return;  // a handler called stop()
    if (event.slab >= 0) addon.core->queue.release(event.slab);
  }
  addon.events = std::move(events);  // its memory serves the next wake-up
}

void stop(Addon& addon) {
  if (!addon.wake) return;
  addon.core.reset();  // joins every thread that could wake us
  napi_release_threadsafe_function(std::exchange(addon.wake, nullptr), napi_tsfn_abort);
  for (napi_ref reference : {addon.pool, addon.onData, addon.onEvent}) napi_delete_reference(addon.env, reference);
  owned = false;
}

// The functions of the module: (addon, arguments) to a value. A Failure becomes a JS error with its code.

napi_value start(Addon& addon, napi_value* args) {
  const napi_env env = addon.env;
  const int tickMs = toInt(env, args[0]), slabs = toInt(env, args[1]);
  if (tickMs < 1 || tickMs > 100 || slabs < 1 || slabs > 4096)
    throw Failure("SRT_BAD_OPTION", "tickMs is 1 to 100 and slabs 1 to 4096");
  if (owned.exchange(true)) throw Failure("SRT_BUSY", "SRT is already open in this process");
  void* memory;
  napi_value pool;
  napi_create_arraybuffer(env, size_t(slabs) * srtio::kSlabBytes, &memory, &pool);
  napi_create_reference(env, pool, 1, &addon.pool);
  napi_create_reference(env, args[2], 1, &addon.onData);
  napi_create_reference(env, args[3], 1, &addon.onEvent);
  napi_create_threadsafe_function(env, nullptr, nullptr, text(env, "srt"), 0, 1, nullptr, nullptr, &addon, onWake,
                                  &addon.wake);
  const auto notify = [](void* wake) {
    napi_call_threadsafe_function(static_cast<napi_threadsafe_function>(wake), nullptr, napi_tsfn_nonblocking);
  };
  try {
    addon.core = std::make_unique<Core>(tickMs, static_cast<uint8_t*>(memory), slabs, notify, addon.wake);
  } catch (...) {
    stop(addon);
    throw;
  }
  const napi_value layout = record(env, {{"slabBytes", srtio::kSlabBytes},
                                         {"duesAt", srtio::kSlabDues},
                                         {"lengthsAt", srtio::kSlabLengths}});
  napi_set_named_property(env, layout, "pool", pool);
  return layout;
}

napi_value stopIt(Addon& addon, napi_value*) {
  stop(addon);
  return undefined(addon.env);
}

Core& running(Addon& addon) {
  if (!addon.core) throw Failure("SRT_CLOSED", "SRT is closed in this process");
  return *addon.core;
}

/** (host, port, link, allowlist, streamId | undefined, giveWayMs) */
napi_value listen(Addon& addon, napi_value* args) {
  const napi_env env = addon.env;
  std::optional<std::string> streamId;
  if (!isUndefined(env, args[4])) streamId = toText(env, args[4]);
  return integer(env, running(addon).listen(toAddress(env, args[0], args[1]), toLink(env, args[2]),
                                            toAllowlist(env, args[3]), streamId, toInt(env, args[5]) * int64_t{1000}));
}

/** (address, port, link) */
napi_value dial(Addon& addon, napi_value* args) {
  const napi_env env = addon.env;
  return integer(env, running(addon).dial(toAddress(env, args[0], args[1]), toLink(env, args[2])));
}

/** (listener, allowlist) */
napi_value setAllowlist(Addon& addon, napi_value* args) {
  running(addon).setAllowlist(toInt(addon.env, args[0]), toAllowlist(addon.env, args[1]));
  return undefined(addon.env);
}

/** (socket, data, lengths, dues | undefined) */
napi_value send(Addon& addon, napi_value* args) {
  const napi_env env = addon.env;
  size_t size = 0, count = 0, dueCount = 0;
  const auto* data = static_cast<uint8_t*>(toArray(env, args[1], napi_uint8_array, &size));
  const auto* lengths = static_cast<uint16_t*>(toArray(env, args[2], napi_uint16_array, &count));
  const auto* dues = static_cast<int64_t*>(toArray(env, args[3], napi_bigint64_array, &dueCount));
  if (dues && dueCount < count) throw Failure("SRT_BAD_ARGUMENT", "fewer due times than messages");
  return integer(env, running(addon).send(toInt(env, args[0]), data, size, lengths, int(count), dues));
}

napi_value close(Addon& addon, napi_value* args) {
  running(addon).close(toInt(addon.env, args[0]));
  return undefined(addon.env);
}

/** (socket): what libsrt measured since the last call, in its own names; undefined once the link is broken. */
napi_value stats(Addon& addon, napi_value* args) {
  running(addon);
  SRT_TRACEBSTATS s;
  if (srt_bistats(toInt(addon.env, args[0]), &s, 1, 1) < 0) return undefined(addon.env);
  const auto d = [](auto value) { return double(value); };
  return record(addon.env, {{"pktSent", d(s.pktSent)}, {"pktSentUnique", d(s.pktSentUnique)},
    {"pktRetrans", d(s.pktRetrans)}, {"pktSndLoss", d(s.pktSndLoss)}, {"pktSndDrop", d(s.pktSndDrop)},
    {"byteSent", d(s.byteSent)}, {"pktRecvACK", d(s.pktRecvACK)}, {"pktRecvNAK", d(s.pktRecvNAK)},
    {"pktRecv", d(s.pktRecv)}, {"pktRecvUnique", d(s.pktRecvUnique)}, {"pktRcvRetrans", d(s.pktRcvRetrans)},
    {"pktRcvLoss", d(s.pktRcvLoss)}, {"pktRcvDrop", d(s.pktRcvDrop)}, {"pktRcvBelated", d(s.pktRcvBelated)},
    {"pktRcvUndecrypt", d(s.pktRcvUndecrypt)}, {"byteRecv", d(s.byteRecv)}, {"msRTT", s.msRTT},
    {"mbpsBandwidth", s.mbpsBandwidth}, {"pktFlightSize", d(s.pktFlightSize)}, {"msSndBuf", d(s.msSndBuf)},
    {"msRcvBuf", d(s.msRcvBuf)}, {"msSndTsbPdDelay", d(s.msSndTsbPdDelay)},
    {"msRcvTsbPdDelay", d(s.msRcvTsbPdDelay)}});
}

/** (socket, option): the value of one of the options socket.ts asks for; undefined once the socket is gone. */
napi_value option(Addon& addon, napi_value* args) {
  running(addon);
  const std::pair<const char*, SRT_SOCKOPT> known[] = {
    {"RCVLATENCY", SRTO_RCVLATENCY}, {"PEERLATENCY", SRTO_PEERLATENCY},
    {"PBKEYLEN", SRTO_PBKEYLEN}, {"KMSTATE", SRTO_KMSTATE}};
  const std::string name = toText(addon.env, args[1]);
  for (const auto& [text, flag] : known) {
    int value = 0, size = sizeof value;
    if (name == text && srt_getsockflag(toInt(addon.env, args[0]), flag, &value, &size) == 0)
      return integer(addon.env, value);
  }
  return undefined(addon.env);
}

/** (socket): the local UDP port. */
napi_value port(Addon& addon, napi_value* args) {
  running(addon);
  sockaddr_storage at{};
  int length = sizeof at;
  srt_getsockname(toInt(addon.env, args[0]), reinterpret_cast<sockaddr*>(&at), &length);
  return integer(addon.env, srtio::Address::of(reinterpret_cast<sockaddr*>(&at)).port);
}

napi_value counters(Addon& addon, napi_value*) {
  const auto& c = running(addon).counters;
  const auto d = [](const std::atomic<uint64_t>& value) { return double(value.load()); };
  return record(addon.env, {{"wakes", d(c.wakes)}, {"messages", d(c.messages)}, {"stalls", d(c.stalls)},
    {"sendRefused", d(c.sendRefused)}, {"sentUntimed", d(c.sentUntimed)},
    {"refusalsUnreported", d(c.refusalsUnreported)}});
}

/**
 * (path, bytes): the file as memory, made and lengthened as needed. What is stored there is in the file although the
 * process is killed. It stays mapped until the process ends.
 */
napi_value mapFile(Addon& addon, napi_value* args) {
  const napi_env env = addon.env;
  const std::string path = toText(env, args[0]);
  const size_t bytes = size_t(toInt(env, args[1]));
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0 || posix_fallocate(file, 0, off_t(bytes)) != 0) {
    if (file >= 0) ::close(file);
    throw Failure("MAP_FAILED", "'" + path + "' cannot be made or lengthened");
  }
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  ::close(file);
  if (memory == MAP_FAILED) throw Failure("MAP_FAILED", "'" + path + "' cannot be mapped");
  napi_value result;
  napi_create_external_arraybuffer(env, memory, bytes, nullptr, nullptr, &result);
  return result;
}

/** (path): true once this process alone has the file, until it ends; false where another process has it. */
napi_value lockFile(Addon& addon, napi_value* args) {
  const napi_env env = addon.env;
  const std::string path = toText(env, args[0]);
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) throw Failure("LOCK_FAILED", "'" + path + "' cannot be opened");
  const bool locked = flock(file, LOCK_EX | LOCK_NB) == 0;
  if (!locked) ::close(file);
  napi_value result;
  napi_get_boolean(env, locked, &result);
  return result;
}

template <napi_value (*function)(Addon&, napi_value*)>
napi_value wrap(napi_env env, napi_callback_info info) {
  napi_value args[6];
  size_t count = 6;
  void* addon;
  napi_get_cb_info(env, info, &count, args, nullptr, nullptr);
  napi_get_instance_data(env, &addon);
  try {
    return function(*static_cast<Addon*>(addon), args);
  } catch (const Failure& failure) {
    napi_throw_error(env, failure.code, failure.what());
  } catch (const std::exception& error) {
    napi_throw_error(env, "SRT_FAILED", error.what());
  }
  return nullptr;
}

template <napi_value (*function)(Addon&, napi_value*)>
void define(napi_env env, napi_value exports, const char* name) {
  napi_value value;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, wrap<function>, nullptr, &value);
  napi_set_named_property(env, exports, name, value);
}

}  // namespace

NAPI_MODULE_INIT() {
  auto* addon = new Addon{env};
  napi_set_instance_data(env, addon, [](napi_env, void* data, void*) { delete static_cast<Addon*>(data); }, nullptr);
  napi_add_env_cleanup_hook(env, [](void* data) { stop(*static_cast<Addon*>(data)); }, addon);
  define<start>(env, exports, "start");
  define<stopIt>(env, exports, "stop");
  define<listen>(env, exports, "listen");
  define<dial>(env, exports, "dial");
  define<setAllowlist>(env, exports, "setAllowlist");
  define<send>(env, exports, "send");
  define<close>(env, exports, "close");
  define<stats>(env, exports, "stats");
  define<option>(env, exports, "option");
  define<port>(env, exports, "port");
  define<counters>(env, exports, "counters");
  define<mapFile>(env, exports, "mapFile");
  define<lockFile>(env, exports, "lockFile");
  return exports;
}
