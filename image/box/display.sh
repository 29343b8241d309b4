# shellcheck shell=sh
# Sourced by the shells of every session. A session without a display of its own, such as that of `ssh -X`, uses the box's display, if
# there is one (see x11).
if [ -r /var/lib/benchbox/x11/display ]; then
  if [ -z "${DISPLAY:-}" ]; then
    read -r DISPLAY </var/lib/benchbox/x11/display
    XAUTHORITY=/var/lib/benchbox/x11/cookies.$(id -un)
    # The X server is in another namespace, so Qt cannot share memory with it.
    if [ -e /var/lib/benchbox/x11/host ]; then export QT_X11_NO_MITSHM=1; fi
    export DISPLAY XAUTHORITY
  elif [ "${XAUTHORITY:-}" = "/var/lib/benchbox/x11/cookies.$(id -un)" ] &&
    [ "${DISPLAY%.0}" != "$(cat /var/lib/benchbox/x11/display)" ]; then
    unset XAUTHORITY # the session has switched to another display, whose cookie is in xauth's default file
  fi
fi
