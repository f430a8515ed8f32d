//! Storage: devices, file systems, partitions, volumes.

use super::super::rules;
use super::super::run::Run;
use super::super::zone::Zone;
use super::writing;

/// `dd` writes what `of=` names.
pub(super) fn copied(run: &mut Run, words: &[String]) {
    for path in words[1..]
        .iter()
        .filter_map(|word| word.strip_prefix("of="))
    {
        writing::write(run, path, "", false);
    }
}

/// Programs that change the device they are given.
pub(super) fn judge(run: &mut Run, name: &str, words: &[String]) {
    let changes = match name {
        "blkdiscard" | "mkswap" | "badblocks" | "hdparm" | "nvme" | "fdisk" | "cfdisk"
        | "gdisk" | "sgdisk" | "sfdisk" | "parted" | "wipefs" | "cryptsetup" | "tune2fs"
        | "e2label" | "resize2fs" | "debugfs" | "flashrom" | "sg_format" => is_change(name, words),
        "diskutil" => words.iter().any(|word| {
            word.starts_with("erase")
                || word.starts_with("partition")
                || word == "secureErase"
                || word == "zeroDisk"
        }),
        _ => {
            name == "mkfs"
                || name.starts_with("mkfs.")
                || name.starts_with("mke2fs")
                || name == "newfs"
        }
    };
    if changes && let Some(device) = device_of(run, name, words) {
        run.find(&rules::DISK_CHANGE, &device);
    }
}

fn is_change(name: &str, words: &[String]) -> bool {
    let any = |wanted: &[&str]| {
        words[1..].iter().any(|word| {
            wanted.iter().any(|start| {
                word == start
                    || (start.ends_with('*') && word.starts_with(start.trim_end_matches('*')))
            })
        })
    };
    match name {
        "wipefs" => any(&["-a", "--all", "-af", "-fa", "-o", "--offset*"]),
        "fdisk" => !any(&["-l", "--list", "-s", "-x", "--list-details", "--version"]),
        "cfdisk" => true,
        "gdisk" => !any(&["-l"]),
        "sgdisk" => any(&[
            "-z",
            "-Z",
            "-o",
            "-d*",
            "-n*",
            "--zap*",
            "--clear",
            "--delete*",
            "--new*",
            "-g",
            "--load*",
            "-R*",
            "-G",
            "-t*",
        ]),
        "sfdisk" => !any(&[
            "-l", "--list", "-d", "--dump", "-J", "--json", "-F", "-V", "--verify", "-s",
        ]),
        "parted" => any(&[
            "mklabel",
            "mktable",
            "rm",
            "mkpart",
            "resizepart",
            "set",
            "rescue",
            "name",
        ]),
        "cryptsetup" => any(&[
            "luksFormat",
            "erase",
            "luksErase",
            "reencrypt",
            "luksKillSlot",
            "luksRemoveKey",
        ]),
        "hdparm" => any(&["--security*", "--trim*", "--make-bad*", "--write-sector*"]),
        "nvme" => any(&[
            "format",
            "sanitize",
            "write",
            "write-zeroes",
            "dsm",
            "delete-ns",
        ]),
        "badblocks" => any(&["-w", "-wsv", "-wv", "-ws"]),
        "tune2fs" | "e2label" | "resize2fs" => false,
        "debugfs" => any(&["-w"]),
        _ => true,
    }
}

/// The device or the grave place among the words; an image file in the work directory is neither.
fn device_of(run: &Run, name: &str, words: &[String]) -> Option<String> {
    if name == "diskutil" {
        return Some(words.last()?.clone());
    }
    let is_grave = |word: &&String| {
        !word.starts_with('-') && !run.zone(word).is_free() && run.zone(word) != Zone::Unknown
    };
    words[1..].iter().find(is_grave).cloned()
}
