#!/bin/sh
# kairos-git: @NAME@
# Started by a scheduler, with almost no environment. Written by `kairos-git schedule install`, which writes it anew.
cd @PROJECT@ 2>/dev/null || exit 0
@ESSENTIALS@kairos_keys=@KEYS@
if [ -f "$kairos_keys" ] && [ -O "$kairos_keys" ]; then # NAME=value lines, for keys: chmod 600
    set -a
    . "$kairos_keys"
    set +a
fi
exec @COMMAND@
