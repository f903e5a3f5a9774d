# kairos-git: notes what is typed in this shell (command, folder, exit code, duration, time; never output), one line each, in
# the spool of the memory that belongs to the project one stands in, and nowhere else. Builtins only: the one process is a
# `git config` for each project. A leading space, private mode and KAIROS_IGNORE keep a command out.
# In ~/.config/fish/config.fish: kairos-git shell-init fish | source

function kairos_find # kairos_spool: the file to append to in the folder $PWD, or nothing; found once for each project
    set -g kairos_at $PWD
    set -g kairos_spool ''
    set -l root $PWD
    while not test -e "$root/.git"
        set root (string replace -r '/[^/]*$' '' -- $root)
        test -n "$root"; or return 0
    end
    set -l place (contains -i -- "$root" $kairos_roots)
    if test -z "$place"
        set -l memory (command git -C "$root" config --local --type=path --get kairos.memory </dev/null 2>/dev/null)
        set -ga kairos_roots "$root"
        if string match -q -- '/*' "$memory[1]"; and test -d "$memory[1]/.git/kairos/spool" -a -O "$memory[1]/.git/kairos/spool"
            set -ga kairos_spools "$memory[1]/.git/kairos/spool"
        else
            set -ga kairos_spools ''
        end
        set place (count $kairos_roots)
    end
    set -g kairos_spool $kairos_spools[$place]
end

function kairos_one_line # a text on one line that has no tab: \n, \t and \\ stand for what they stand for
    set -l lines (string split -- \n "$argv[1]")
    set lines (string replace -a -- '\\' '\\\\' $lines)
    set lines (string replace -a -- \t '\\t' $lines)
    string join -- '\n' $lines
end

function kairos_told # the exit code, milliseconds, the command: one line, unless it is to be left out
    set -l text "$argv[3]"
    set -l file "$kairos_spool/terminal"
    string match -qr -- '^\S' "$text"; or return 0
    set -l low (string lower -- (string sub -l 600 -- "$text" | string collect))
    for pattern in $kairos_ignore
        string match -q -- $pattern "$low"; and return 0
    end
    set -l cut ''
    if test (string length -- "$text" | string collect) -gt 500
        set cut '\+'
        set text (string sub -l 500 -- "$text" | string collect)
    end
    test (string length -- "$kairos_at") -le 500; or return 0 # one write of less than 4 KiB stays in one piece
    if not test -e "$file" -o -L "$file"
        set -l before (umask)
        umask 077
        echo -n >>"$file"
        umask $before
    end
    test -f "$file" -a ! -L "$file"; or return 0 # to open a FIFO would wait for its reader
    # The time without a process: when the file was written last, and how long ago that is.
    set -l now (math (path mtime -- "$file") + (path mtime -R -- "$file"))
    set -l began (math --scale=0 "round($now - $argv[2] / 1000)")
    string join -- \t v1 $began $argv[2] $argv[1] (kairos_one_line "$kairos_at") (kairos_one_line "$text")$cut >>"$file"
end

function kairos_preexec --on-event fish_preexec
    set -g kairos_typing 1
end

function kairos_postexec --on-event fish_postexec
    set -l code $status
    set -q kairos_typing; or return 0
    set -e kairos_typing
    if test -n "$kairos_spool" -a -z "$fish_private_mode"
        kairos_told $code $CMD_DURATION "$argv" 2>/dev/null
    end
    if string match -q -- '*kairos-git*' "$argv" # it may have made or unlinked a memory
        set -g kairos_roots
        set -g kairos_spools
        set -g kairos_at ''
    end
    test "$PWD" = "$kairos_at"; or kairos_find 2>/dev/null
    return 0
end

if status is-interactive; and not set -q KAIROS_GIT_INSIDE; and not set -q kairos_ready; and path mtime / >/dev/null 2>/dev/null
    set -g kairos_ready yes
    set -g kairos_roots
    set -g kairos_spools
    if set -q KAIROS_IGNORE
        set -g kairos_ignore (string split -n -- : (string lower -- "$KAIROS_IGNORE"))
    else
        set -g kairos_ignore @IGNORE@
    end
    kairos_find 2>/dev/null
end
