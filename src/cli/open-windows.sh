# shellcheck shell=bash
# Runs in the box (bash -s [PYTHON]) and tries to open windows on the session's display. Prints, tab-separated:
#   display NAME        or no-display WHY
#   opened WHAT         a window was there for some seconds
#   missing WHAT PACKAGES   and which packages of the distribution bring it
#   failed WHAT WHY
#   none cv2            there is no OpenCV to try
set -uo pipefail

finding() { (IFS=$'\t' && printf '%s\n' "$*"); }

main() {
  if [[ -z ${DISPLAY:-} ]]; then
    if ! command -v xauth >/dev/null; then
      finding missing xauth xauth
    elif ! grep -qiE '^X11Forwarding +yes' /etc/ssh/sshd_config; then
      finding no-display "the box's SSH server has X11Forwarding off (/etc/ssh/sshd_config)"
    else
      finding no-display "the session has no display"
    fi
    return
  fi
  finding display "$DISPLAY"
  try_clock
  try_opencv "$@"
}

try_clock() {
  if ! command -v xclock >/dev/null; then
    finding missing xclock x11-apps
    return
  fi
  opens xclock xclock -update 1
}

# opens WHAT PROGRAM ARGUMENT...: a program without a display ends at once, so one that must be ended has its window.
opens() {
  local what=$1 said code=0
  shift
  said=$(LC_ALL=C timeout 4 "$@" 2>&1 >/dev/null) || code=$?
  if ((code == 124)); then finding opened "$what"; else finding failed "$what" "$(tr '\n\t' '  ' <<<"$said" | cut -c 1-300)"; fi
}

# The Python that was asked for, or the first one with OpenCV where people have theirs.
find_python() {
  local one
  if [[ -n ${1:-} ]]; then
    printf '%s\n' "$1"
    return
  fi
  for one in python3 "$HOME"/.venv/bin/python "$HOME"/*/.venv/bin/python "$HOME"/*/bin/python /workspace/.venv/bin/python \
    /workspace/*/.venv/bin/python "$HOME"/*/.pixi/envs/default/bin/python; do
    if "$one" -c 'import importlib.util, sys; sys.exit(importlib.util.find_spec("cv2") is None)' 2>/dev/null; then
      printf '%s\n' "$one"
      return
    fi
  done
}

try_opencv() {
  local python files missing
  python=$(find_python "$@")
  if [[ -z $python ]]; then
    # What its windows want can be looked for all the same.
    missing=$(comm -13 <(ldconfig -p | awk '{ print $1 }' | sort -u) <(printf '%s\n' "${wanted[@]}" | sort -u))
    name_missing "$missing"
    finding none cv2
    return
  fi
  files=$("$python" -c 'import importlib.util, pathlib
for folder in importlib.util.find_spec("cv2").submodule_search_locations:
    for file in pathlib.Path(folder).rglob("*.so"): print(file)') || {
    finding failed "cv2.imshow with $python" "it has no cv2; install opencv-python there"
    return
  }
  missing=$(while read -r file; do ldd "$file"; done <<<"$files" 2>/dev/null | sed -n 's/^\t\(.*\) => not found.*/\1/p' | sort -u)
  if [[ -n $missing ]]; then
    name_missing "$missing"
    return
  fi
  opens "cv2.imshow with $python" "$python" -c 'import cv2, numpy
picture = numpy.full((120, 320, 3), (160, 90, 30), numpy.uint8)
cv2.imshow("benchbox", picture)
while True: cv2.waitKey(50)'
}

# What the windows of OpenCV's Python packages need of the distribution: the rest they bring along.
readonly wanted=(
  libGL.so.1 libglib-2.0.so.0 libgthread-2.0.so.0 libSM.so.6 libICE.so.6 libX11.so.6 libXext.so.6 libXrender.so.1
  libX11-xcb.so.1 libxcb-cursor.so.0 libxcb-icccm.so.4 libxcb-image.so.0 libxcb-keysyms.so.1 libxcb-randr.so.0
  libxcb-render-util.so.0 libxcb-shape.so.0 libxcb-xinerama.so.0 libxcb-xkb.so.1 libxkbcommon-x11.so.0 libxkbcommon.so.0
  libdbus-1.so.3 libEGL.so.1 libfontconfig.so.1
)

name_missing() {
  local library
  while read -r library; do
    if [[ -n $library ]]; then finding missing "$library" "$(package_of "$library")"; fi
  done <<<"$1"
}

# The names that do not follow from the library's; and those of Ubuntu 24.04 and Debian 13 that end in t64.
package_of() {
  case $1 in
    libglib-2.0.so.0 | libgthread-2.0.so.0 | libgobject-2.0.so.0 | libgio-2.0.so.0) echo 'libglib2.0-0|libglib2.0-0t64' ;;
    libgtk-3.so.0 | libgdk-3.so.0) echo 'libgtk-3-0|libgtk-3-0t64' ;;
    libGL.so.1) echo 'libgl1-mesa-glx|libgl1+libglx-mesa0' ;;
    *) debian_name "$1" ;;
  esac
}

# libxcb-cursor.so.0 is in libxcb-cursor0 and libdbus-1.so.3 in libdbus-1-3: Debian's rule.
debian_name() {
  local name=${1%%.so*} version=${1##*.so}
  version=${version#.}
  name=${name,,}
  if [[ $name == *[0-9] ]]; then name+=-; fi
  printf '%s%s\n' "${name//_/-}" "$version"
}

main "$@"
