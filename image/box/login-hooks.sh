# shellcheck shell=sh
# Runs the scripts of custom.on_login in interactive login shells, but not again in each window of tmux.
case $- in
  *i*)
    if [ -s /var/lib/benchbox/hooks/login ] && [ -z "$TMUX" ]; then /usr/local/lib/benchbox/run-hooks login; fi
    ;;
esac
