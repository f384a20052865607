{
  "variables": { "asan%": 0 },
  "target_defaults": {
    "cflags_cc": ["-std=c++17", "-O2", "-g", "-Wall", "-Wextra"],
    "cflags_cc!": ["-std=gnu++17", "-fno-exceptions"],
    "defines": ["NAPI_VERSION=8"],
    "conditions": [
      ["asan==1", {
        "cflags_cc": ["-fsanitize=address,undefined", "-fno-omit-frame-pointer"],
        "ldflags": ["-fsanitize=address,undefined"]
      }]
    ]
  },
  "targets": [{
    "target_name": "srt",
    "sources": ["addon.cc"],
    "cflags_cc": ["<!@(pkg-config --cflags srt)"],
    "libraries": ["<!@(pkg-config --libs srt)"]
  }]
}
