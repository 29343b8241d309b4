# shellcheck shell=sh
# Read by the shells of every session. A session that has no display of its own, as `ssh -X` gives it, uses the one that
# the box has, if it has one (see x11).
if [ -r /var/lib/benchbox/x11/display ]; then
  if [ -z "${DISPLAY:-}" ]; then
    read -r DISPLAY </var/lib/benchbox/x11/display
    XAUTHORITY=/var/lib/benchbox/x11/cookies.$(id -un)
    # The X server is in another namespace, where the memory that Qt would share with it is not.
    if [ -e /var/lib/benchbox/x11/host ]; then export QT_X11_NO_MITSHM=1; fi
    export DISPLAY XAUTHORITY
  elif [ "${XAUTHORITY:-}" = "/var/lib/benchbox/x11/cookies.$(id -un)" ] &&
    [ "${DISPLAY%.0}" != "$(cat /var/lib/benchbox/x11/display)" ]; then
    unset XAUTHORITY # another display was chosen since, and its cookie is where xauth puts it
  fi
fi
