#!/bin/sh
@STAMP@
# event=@EVENT@ kind=@KIND@ folder=@FOLDER@ sum=@SUM@
#
# Appends one pointer line (event, time, refs; never content) to the memory's spool, starts a drain beside this commit,
# then runs the hook that was here before. Builtins of a POSIX sh only: every commit waits for each process started here.
# Its own part says nothing and cannot fail; exit code, arguments and stdin of the hook behind it are left alone.

kairos_words() { # one word for each argument; `?` for what could be a URL (they hold passwords) or break the line
    kairos_args=
    for kairos_word in "$@"; do
        case $kairos_word in # spelled out, since a range means other letters in other locales
        *[!ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._/-]* | '') kairos_word='?' ;;
        esac
        [ ${#kairos_word} -le 200 ] || kairos_word='?'
        kairos_args="$kairos_args${kairos_args:+ }$kairos_word"
    done
}

kairos_head() { # what HEAD names, read from its files; `-` where they do not say (a packed ref, a reftable)
    kairos_ref=- kairos_sha=-
    kairos_dir=${GIT_DIR:-.git} # git sets GIT_DIR in some hooks only, always where the repository is bare
    if [ -f "$kairos_dir" ]; then # the .git of a linked worktree or a submodule: "gitdir: <path>"
        IFS= read -r kairos_line <"$kairos_dir"
        kairos_dir=${kairos_line#gitdir: }
    fi
    IFS= read -r kairos_line <"$kairos_dir/HEAD" || return 0
    case $kairos_line in
    'ref: refs/heads/.invalid') ;;
    'ref: refs/'*)
        kairos_ref=${kairos_line#ref: }
        kairos_common=$kairos_dir # a linked worktree keeps HEAD of its own and shares its branches
        if IFS= read -r kairos_line <"$kairos_dir/commondir"; then
            case $kairos_line in /*) kairos_common=$kairos_line ;; *) kairos_common=$kairos_dir/$kairos_line ;; esac
        fi
        if [ -f "$kairos_common/$kairos_ref" ]; then IFS= read -r kairos_sha <"$kairos_common/$kairos_ref"; fi
        ;;
    *) kairos_sha=$kairos_line ;;
    esac
    case $kairos_ref in *[[:cntrl:]]*) kairos_ref=- ;; esac
    [ ${#kairos_ref} -le 1000 ] || kairos_ref=- # one write of less than 4 KiB stays in one piece
    case $kairos_sha in *[!0123456789abcdef]* | '') kairos_sha=- ;; esac
}

kairos_record() { # $1: a spool; the rest: the hook's arguments. Fails where nothing was written.
    kairos_file=$1/pointers
    [ -f "$kairos_file" ] || [ ! -e "$kairos_file" ] || return 1 # to open a FIFO would wait for its reader
    shift
    if [ @EVENT@ = pre-push ]; then # $2 is the URL, and so is $1 where the remote has no name
        if [ "${1-}" = "${2-}" ]; then set -- '?'; else set -- "${1-}"; fi
    fi
    kairos_words "$@"
    kairos_head
    kairos_time=${EPOCHSECONDS:--} # bash has it, dash does not
    case $kairos_time in *[!0123456789]*) kairos_time=- ;; esac
    printf 'v1\t%s\t%s\t%s\t%s\t%s\n' @EVENT@ "$kairos_time" "$kairos_ref" "$kairos_sha" "$kairos_args" >>"$kairos_file"
}

kairos_drain() { # outlives the terminal; holds no descriptor that somebody may be reading to its end
    [ @DRAINS@ = yes ] || return 0
    if [ @EVENT@ = post-commit ] && [ -d "$kairos_dir/rebase-merge" ]; then
        return 0 # one drain for a rebase: post-rewrite follows
    fi
    { trap '' HUP; exec @DRAIN@; } </dev/null >/dev/null 2>&1 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- &
}

kairos_again() { # whether the hook that calls us from our former place is the one behind us, installed a second time
    for kairos_word in 1 2 3; do
        IFS= read -r kairos_line <&3
        IFS= read -r kairos_file <&4
        [ "$kairos_line" = "$kairos_file" ] || return 1
    done
} 3<"${0%/*}/@EVENT@" 4<"$kairos_behind"

kairos_behind=
if [ -z "${kairos_ran-}" ]; then
    case $0 in */*) kairos_behind=${0%/*}/@EVENT@@CHAINED@ ;; *) kairos_behind=./@EVENT@@CHAINED@ ;; esac
    [ -f "$kairos_behind" ] && [ -x "$kairos_behind" ] || kairos_behind=
fi

if [ -z "${KAIROS_GIT_INSIDE-}" ] && [ -z "${kairos_ran-}" ]; then
    kairos_spool=@SPOOL@
    if [ @KIND@ = shared ]; then # a folder for many projects: the one process it takes to know whose memory is meant
        kairos_spool=$(git config --local --get kairos.memory 2>/dev/null) && kairos_spool=$kairos_spool/.git/kairos/spool
    fi
    if [ -n "$kairos_spool" ] && kairos_record "$kairos_spool" "$@" 2>/dev/null; then
        # A hook behind us must not find a child that it did not start: a bare `wait` would wait for the drain.
        if [ -n "$kairos_behind" ]; then (kairos_drain); else kairos_drain; fi
    fi
fi
kairos_ran=1 # a copy of this stub, sourced below, would source itself for ever

if [ -n "$kairos_behind" ] && [ "${0##*/}" != @EVENT@ ] && kairos_again 2>/dev/null; then
    kairos_behind= # it has had its turn, and would call us for ever
fi
if [ -n "$kairos_behind" ]; then
    kairos_line=
    IFS= read -r kairos_line 2>/dev/null <"$kairos_behind" || :
    case $kairos_line in # sourced, it finds its own name in $0, by which husky and others know what to run
    '#!/bin/sh' | '#! /bin/sh' | '#!/usr/bin/sh' | '#!/usr/bin/env sh') . "$kairos_behind" ;;
    *) exec "$kairos_behind" "$@" ;;
    esac
fi
