# /etc/profile sets PATH anew for login shells; give it back what pam_env.conf gives every other session.
case ":$PATH:" in
  *":$HOME/.local/bin:"*) ;;
  *) PATH="$HOME/.local/bin:$PATH" ;;
esac
