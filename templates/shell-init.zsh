# kairos-git: notes what is typed in this shell (command, folder, exit code, duration, time; never output), one line each, in
# the spool of the memory that belongs to the project one stands in, and nowhere else. Builtins only: the one process is a
# `git config` for each project. A leading space, HISTORY_IGNORE and KAIROS_IGNORE keep a command out.
# In ~/.zshrc: eval "$(kairos-git shell-init zsh)"

kairos_find() { # kairos_spool: the file to append to in the folder $PWD, or nothing; found once for each project
    emulate -L zsh
    kairos_at=$PWD kairos_spool=''
    local root=$PWD memory
    while [[ ! -e $root/.git ]]; do
        [[ $root == */* && -n ${root%/*} ]] || return 0
        root=${root%/*}
    done
    if (( ! ${+kairos_known[$root]} )); then
        memory=$(command git -C "$root" config --local --type=path --get kairos.memory </dev/null 2>/dev/null)
        kairos_known[$root]=''
        if [[ $memory == /* && -d $memory/.git/kairos/spool && -O $memory/.git/kairos/spool ]]; then
            kairos_known[$root]=$memory/.git/kairos/spool
        fi
    fi
    kairos_spool=${kairos_known[$root]}
}

kairos_told() { # $1 the exit code, $2 milliseconds, $3 the second it began, $4 the command: one line, unless it is to be left out
    emulate -L zsh
    local text=$4 low pattern cut='' folder=$kairos_at file=$kairos_spool/terminal
    [[ -n $text && $text != [[:space:]]* ]] || return 0
    [[ -z ${HISTORY_IGNORE-} || $text != ${~HISTORY_IGNORE} ]] || return 0
    low=${(L)text[1,600]}
    for pattern in "${kairos_ignore[@]}"; do
        [[ $low != ${~pattern} ]] || return 0
    done
    (( $#text <= 500 )) || { text=${text[1,500]} cut='\+' }
    (( $#folder <= 500 )) || return 0 # one write of less than 4 KiB stays in one piece
    text=${text//\\/\\\\} text=${text//$'\n'/\\n} text=${text//$'\t'/\\t}
    folder=${folder//\\/\\\\} folder=${folder//$'\n'/\\n} folder=${folder//$'\t'/\\t}
    [[ -e $file || -L $file ]] || (umask 077 && : >>|$file)
    [[ -f $file && ! -L $file ]] || return 0 # to open a FIFO would wait for its reader
    print -r -- "v1"$'\t'"$3"$'\t'"$2"$'\t'"$1"$'\t'"$folder"$'\t'"$text$cut" >>|$file
}

kairos_preexec() {
    emulate -L zsh
    kairos_typing=$1
    kairos_began=$EPOCHREALTIME
}

kairos_precmd() {
    local code=$?
    emulate -L zsh
    {
        if [[ -n $kairos_began && -n $kairos_spool ]]; then
            local -F now=$EPOCHREALTIME
            local -i took=$(( (now - kairos_began) * 1000 ))
            kairos_told $code $took ${kairos_began%%[^0-9]*} "$kairos_typing"
        fi
        [[ -z $kairos_began || $kairos_typing != *kairos-git* ]] || { kairos_known=() kairos_at='' } # it may have made or unlinked a memory
        kairos_began=''
        [[ $PWD == "$kairos_at" ]] || kairos_find
    } 2>/dev/null
    return 0
}

if [[ -o interactive && -z ${KAIROS_GIT_INSIDE-} && -z ${kairos_ready-} ]] && zmodload zsh/datetime 2>/dev/null; then
    typeset -g kairos_ready=yes kairos_at='' kairos_spool='' kairos_began='' kairos_typing=''
    typeset -gA kairos_known
    typeset -ga kairos_ignore
    if [[ -n ${KAIROS_IGNORE+set} ]]; then
        kairos_ignore=(${(s.:.)${(L)KAIROS_IGNORE}})
    else
        kairos_ignore=(@IGNORE@)
    fi
    autoload -Uz add-zsh-hook
    add-zsh-hook preexec kairos_preexec
    add-zsh-hook precmd kairos_precmd
fi
