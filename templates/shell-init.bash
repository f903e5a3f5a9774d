# kairos-git: notes what is typed in this shell (command, folder, exit code, duration, time; never output), one line each, in
# the spool of the memory that belongs to the project one stands in, and nowhere else. Builtins only: the one process is a
# `git config` for each project. A leading space, HISTIGNORE and KAIROS_IGNORE keep a command out.
# In ~/.bashrc: eval "$(kairos-git shell-init bash)"

kairos_find() { # kairos_spool: the file to append to in the folder $PWD, or nothing; found once for each project
    [[ -z $kairos_stale ]] || kairos_known=()
    kairos_at=$PWD kairos_spool='' kairos_stale='' kairos_config=''
    local root=$PWD memory
    while [[ ! -e $root/.git ]]; do
        [[ $root == */* && -n ${root%/*} ]] || return 0
        root=${root%/*}
    done
    if [[ -z ${kairos_known[$root]+known} ]]; then
        memory=$(command git -C "$root" config --local --type=path --get kairos.memory </dev/null)
        kairos_known[$root]=${memory:+gone}
        if [[ $memory == /* && -d $memory/.git/kairos/spool && -O $memory/.git/kairos/spool ]]; then
            kairos_known[$root]=$memory/.git/kairos/spool
        fi
    fi
    case ${kairos_known[$root]} in
    gone) ;;
    '') kairos_config=$root/.git/config ;; # where a memory will be named once there is one
    *) kairos_spool=${kairos_known[$root]} ;;
    esac
}

kairos_moved() { # whether to look again where we are: in another folder, or a memory was made or unlinked
    [[ $PWD == "$kairos_at" && -z $kairos_stale ]] || return 0
    local settings=
    [[ -n $kairos_config && -f $kairos_config ]] || return 1
    IFS= read -r -d '' settings <"$kairos_config"
    [[ $settings == *'[kairos]'* ]] || return 1
    kairos_stale=yes
}

kairos_typed() { # kairos_text: what the history says was typed last, with its number. What a builtin prints is had without a
    # process only through a file; it is written over in place, since a file that is emptied costs ten times that.
    kairos_text=
    local own=$kairos_spool/.typed-$$
    [[ -e $own || -L $own ]] || (umask 077 && : >|"$own")
    [[ -f $own && ! -L $own ]] || return 0
    { HISTTIMEFORMAT='' builtin history 1 && printf '\0'; } 1<>"$own"
    IFS= read -r -d '' kairos_text <"$own" || :
    printf '%*s\0' $((4 * ${#kairos_text})) '' 1<>"$own" # nothing of it stays
    kairos_text=${kairos_text%$'\n'}
}

kairos_told() { # $1 the exit code, $2 milliseconds, $3 the second it began, $4 the command: one line, unless it is to be left out
    local text=$4 low pattern cut= file=$kairos_spool/terminal
    case $text in '' | [[:space:]]*) return 0 ;; esac
    [[ $text != *kairos-git* ]] || kairos_stale=yes # it may have made or unlinked a memory
    low=${text:0:600} low=${low,,}
    for pattern in "${kairos_ignore[@]}"; do
        # shellcheck disable=SC2053 # a pattern is meant as one
        [[ $low != $pattern ]] || return 0
    done
    [[ ${#text} -le 500 ]] || text=${text:0:500} cut='\+'
    [[ ${#kairos_at} -le 500 ]] || return 0 # one write of less than 4 KiB stays in one piece
    text=${text//\\/\\\\} text=${text//$'\n'/\\n} text=${text//$'\t'/\\t}
    local folder=${kairos_at//\\/\\\\}
    folder=${folder//$'\n'/\\n} folder=${folder//$'\t'/\\t}
    [[ -e $file || -L $file ]] || (umask 077 && : >>"$file")
    [[ -f $file && ! -L $file ]] || return 0 # to open a FIFO would wait for its reader
    printf 'v1\t%s\t%s\t%s\t%s\t%s\n' "$3" "$2" "$1" "$folder" "$text$cut" >>"$file"
}

kairos_clock() { # kairos_now: microseconds since 1970, or, on a bash before 5.0, since then in whole seconds
    if [[ -n ${EPOCHREALTIME-} ]]; then
        kairos_now=${EPOCHREALTIME//[!0-9]/}
    else
        printf -v kairos_now '%(%s000000)T' -1
    fi
}

kairos_prompt() {
    local code=$? last=$_ - # the options of the shell come back with `local -`
    local back=$code
    [[ $- != *e* ]] || back=0 # after `! true` it would end a shell that has `set -e`
    {
        set +eux
        kairos_note "$code" "$last"
    } 2>/dev/null
    return "$back"
}

kairos_note() {
    local began=$kairos_began IFS=$' \t\n' text repeats=
    kairos_began=
    if [[ -n $kairos_spool && -n $began && -o history ]]; then
        kairos_typed
        text=${kairos_text#"${kairos_text%%[0-9]*}"} # "  501* the command": its number, a mark where it was edited
        text=${text#"${text%%[!0-9]*}"} text=${text#?} text=${text# }
        # Nothing new in the history: the same again where repetitions are left out of it, or something that is to be
        # left out. The last argument tells; where it does not, what is noted again was noted before.
        case ${HISTCONTROL-} in *ignoreboth* | *dups*) [[ $2 != "$kairos_word" ]] || repeats=yes ;; esac
        if [[ $kairos_text != "$kairos_last" || -n $repeats ]]; then
            kairos_clock
            kairos_told "$1" $(((kairos_now - began) / 1000)) $((began / 1000000)) "$text"
        fi
        [[ $kairos_text == "$kairos_last" ]] || kairos_word=$2
        kairos_last=${kairos_text:-none}
    fi
    kairos_moved || return 0
    kairos_find
    [[ -n $kairos_spool ]] || return 0
    kairos_typed # what was typed elsewhere is nobody's business
    kairos_last=${kairos_text:-none} kairos_word=$2
}

kairos_preexec() { # for bash-preexec, which hands the command over
    kairos_typing=$1
    kairos_clock 2>/dev/null
    kairos_began=$kairos_now
}

kairos_precmd() {
    local code=$? -
    {
        set +eux
        if [[ -n $kairos_began && -n $kairos_spool ]]; then
            kairos_clock
            kairos_told "$code" $(((kairos_now - kairos_began) / 1000)) $((kairos_began / 1000000)) "$kairos_typing"
        fi
        kairos_began=
        ! kairos_moved || kairos_find
    } 2>/dev/null
    return 0
}

kairos_begin() {
    [[ $- == *i* && -z ${KAIROS_GIT_INSIDE-} && -z ${kairos_ready-} ]] || return 0
    if ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] < 404)); then
        echo "kairos-git: this is bash $BASH_VERSION; what is typed is noted from bash 4.4 on." >&2
        return 0
    fi
    kairos_ready=yes kairos_at='' kairos_spool='' kairos_began='' kairos_last='' kairos_word='' kairos_text='' kairos_void='' kairos_stale='' kairos_config=''
    declare -gA kairos_known=()
    if [[ -n ${KAIROS_IGNORE+set} ]]; then
        IFS=: read -r -d '' -a kairos_ignore < <(printf '%s' "${KAIROS_IGNORE,,}") || :
    else
        kairos_ignore=(@IGNORE@)
    fi
    if [[ -n ${bash_preexec_imported-}${__bp_imported-} ]]; then
        preexec_functions+=(kairos_preexec)
        precmd_functions+=(kairos_precmd)
        return 0
    fi
    shopt -q promptvars || return 0
    # Expanded between Enter and the command, in this very shell: it prints nothing and notes the time.
    if [[ -n ${EPOCHREALTIME-} ]]; then
        PS0=${PS0-}'${kairos_void:$((kairos_began=10#0${EPOCHREALTIME//[!0-9]/},0)):0}'
    else
        PS0=${PS0-}'${kairos_void:$((kairos_began=\D{%s}000000,0)):0}'
    fi
    if [[ $(declare -p PROMPT_COMMAND 2>/dev/null) == 'declare -a'* ]]; then
        PROMPT_COMMAND=(kairos_prompt "${PROMPT_COMMAND[@]}")
    else
        PROMPT_COMMAND=kairos_prompt${PROMPT_COMMAND:+$'\n'$PROMPT_COMMAND}
    fi
}
kairos_begin
unset -f kairos_begin
