//! Commands that are told by their words alone, as a table.
//!
//! The first word is the program, plain words must follow one another among the operands, and words
//! with a hyphen must stand somewhere. `|` separates alternatives. The first row that fits decides.

use std::collections::HashMap;

use once_cell::race::OnceBox;

use super::databases;
use crate::facts::Facts;
use crate::names::Outline;
use crate::rules::{self, Rule};

type Row = (&'static Rule, &'static str);

static ROWS: &[Row] = &[
    // The power switch.
    (&rules::POWER, "reboot|halt|poweroff"),
    (
        &rules::POWER,
        "systemctl poweroff|reboot|halt|kexec|rescue|emergency|hibernate|suspend",
    ),
    (&rules::POWER, "loginctl poweroff|reboot"),
    (
        &rules::POWER,
        "systemctl isolate poweroff.target|reboot.target|halt.target|rescue.target",
    ),
    (&rules::POWER, "init|telinit 0|6|1"),
    // Firewalls.
    (
        &rules::FIREWALL,
        "iptables|ip6tables|iptables-legacy -F|--flush|-X",
    ),
    (&rules::FIREWALL, "iptables|ip6tables -P ACCEPT"),
    (&rules::FIREWALL, "nft flush"),
    (&rules::FIREWALL, "nft delete table"),
    (&rules::FIREWALL, "ufw disable|reset"),
    (&rules::FIREWALL, "ufw reset"),
    (
        &rules::FIREWALL,
        "firewall-cmd --panic-off|--complete-reload",
    ),
    (
        &rules::FIREWALL,
        "systemctl stop|disable|mask firewalld|ufw|nftables|iptables",
    ),
    (&rules::FIREWALL, "pfctl -F|-d"),
    (&rules::FIREWALL, "setenforce 0"),
    // Users.
    (
        &rules::USERS,
        "userdel|deluser|groupdel|delgroup|chpasswd|usermod|visudo",
    ),
    (&rules::USERS, "passwd"),
    (&rules::USERS, "dscl delete|passwd"),
    (&rules::USERS, "pw userdel"),
    // Storage that is named by its pool.
    (&rules::DISK_CHANGE, "zpool destroy|labelclear"),
    (&rules::DISK_CHANGE, "zfs destroy"),
    (&rules::DISK_CHANGE, "lvremove|vgremove|pvremove|lvreduce"),
    (
        &rules::DISK_CHANGE,
        "mdadm --zero-superblock|--stop|--remove|-S",
    ),
    (&rules::DISK_CHANGE, "btrfs subvolume delete"),
    (&rules::DISK_CHANGE, "dmsetup remove|remove_all|wipe_table"),
    (&rules::DISK_CHANGE, "swapoff -a"),
    (&rules::DISK_CHANGE, "umount -a"),
    (&rules::DISK_CHANGE, "growpart|partprobe"),
    (&rules::DISK_CHANGE, "efibootmgr -B"),
    // Kernel and rights.
    (&rules::PERSISTENCE, "insmod"),
    // Cloud.
    (
        &rules::CLOUD_DESTROY,
        "terraform|tofu|terragrunt destroy -auto-approve|--auto-approve|--terragrunt-non-interactive|-force",
    ),
    (
        &rules::CLOUD_DESTROY,
        "terraform|tofu|terragrunt apply -destroy -auto-approve",
    ),
    (&rules::CLOUD_DESTROY, "terragrunt run-all destroy"),
    (&rules::CLOUD_DESTROY, "cdktf destroy --auto-approve"),
    (&rules::CLOUD_DESTROY, "cdk destroy --force|-f"),
    (
        &rules::CLOUD_DESTROY,
        "pulumi destroy --yes|-y|--skip-preview|-f",
    ),
    (&rules::CLOUD_DESTROY, "pulumi stack rm --yes|-y|--force"),
    (&rules::CLOUD_DESTROY, "serverless|sls remove"),
    (&rules::CLOUD_DESTROY, "aws s3 rb"),
    (&rules::CLOUD_DESTROY, "aws s3 rm --recursive"),
    (
        &rules::CLOUD_DESTROY,
        "aws s3api delete-bucket|delete-objects",
    ),
    (
        &rules::CLOUD_DESTROY,
        "aws ec2 terminate-instances|delete-volume|delete-vpc|delete-snapshot",
    ),
    (
        &rules::CLOUD_DESTROY,
        "aws rds delete-db-instance|delete-db-cluster|delete-db-snapshot",
    ),
    (&rules::CLOUD_DESTROY, "aws dynamodb delete-table"),
    (&rules::CLOUD_DESTROY, "aws cloudformation delete-stack"),
    (
        &rules::CLOUD_DESTROY,
        "aws eks delete-cluster|delete-nodegroup",
    ),
    (
        &rules::CLOUD_DESTROY,
        "aws ecs delete-cluster|delete-service",
    ),
    (&rules::CLOUD_DESTROY, "aws ecr delete-repository"),
    (&rules::CLOUD_DESTROY, "aws lambda delete-function"),
    (&rules::CLOUD_DESTROY, "aws iam delete-user|delete-role"),
    (&rules::CLOUD_DESTROY, "aws kms schedule-key-deletion"),
    (&rules::CLOUD_DESTROY, "aws route53 delete-hosted-zone"),
    (&rules::CLOUD_DESTROY, "aws secretsmanager delete-secret"),
    (
        &rules::CLOUD_DESTROY,
        "aws elasticache delete-cache-cluster|delete-replication-group",
    ),
    (&rules::CLOUD_DESTROY, "aws organizations close-account"),
    (&rules::CLOUD_DESTROY, "eksctl delete cluster|nodegroup"),
    (
        &rules::CLOUD_DESTROY,
        "gcloud projects|instances|clusters|databases|buckets delete",
    ),
    (
        &rules::CLOUD_DESTROY,
        "gcloud compute instances|disks|networks|snapshots delete",
    ),
    (&rules::CLOUD_DESTROY, "gcloud container clusters delete"),
    (
        &rules::CLOUD_DESTROY,
        "gcloud sql instances|databases delete",
    ),
    (&rules::CLOUD_DESTROY, "gcloud storage rm -r|--recursive"),
    (&rules::CLOUD_DESTROY, "gcloud storage buckets delete"),
    (
        &rules::CLOUD_DESTROY,
        "gcloud run|functions|app|pubsub delete",
    ),
    (&rules::CLOUD_DESTROY, "gcloud run services delete"),
    (&rules::CLOUD_DESTROY, "gsutil rb"),
    (&rules::CLOUD_DESTROY, "gsutil rm -r|-R"),
    (
        &rules::CLOUD_DESTROY,
        "az group|vm|aks|webapp|keyvault|acr delete",
    ),
    (&rules::CLOUD_DESTROY, "az storage account|container delete"),
    (&rules::CLOUD_DESTROY, "az sql db|server delete"),
    (&rules::CLOUD_DESTROY, "doctl compute droplet|volume delete"),
    (&rules::CLOUD_DESTROY, "doctl kubernetes cluster delete"),
    (&rules::CLOUD_DESTROY, "doctl databases|projects delete"),
    (&rules::CLOUD_DESTROY, "linode-cli linodes delete"),
    (&rules::CLOUD_DESTROY, "hcloud server|volume delete"),
    (&rules::CLOUD_DESTROY, "flyctl|fly apps destroy"),
    (&rules::CLOUD_DESTROY, "flyctl|fly destroy"),
    (
        &rules::CLOUD_DESTROY,
        "heroku apps:destroy|pg:reset|pg:destroy|addons:destroy",
    ),
    (
        &rules::CLOUD_DESTROY,
        "vercel|netlify remove|rm|sites:delete",
    ),
    (&rules::CLOUD_DESTROY, "railway delete|down"),
    (&rules::CLOUD_DESTROY, "supabase projects delete"),
    (
        &rules::CLOUD_DESTROY,
        "firebase projects:delete|firestore:delete|hosting:disable",
    ),
    (&rules::CLOUD_DESTROY, "wrangler delete"),
    (&rules::CLOUD_DESTROY, "wrangler d1|r2|kv delete"),
    (
        &rules::CLOUD_DESTROY,
        "kubectl|oc delete namespace|namespaces|ns|pv|pvc|crd|node|nodes|project|clusterrole",
    ),
    (&rules::CLOUD_DESTROY, "kubectl|oc delete --all"),
    (
        &rules::CLOUD_DESTROY,
        "kubectl|oc delete --all-namespaces|-A",
    ),
    (&rules::CLOUD_DESTROY, "kubectl drain --force"),
    (&rules::CLOUD_DESTROY, "gh repo delete"),
    (&rules::CLOUD_DESTROY, "gh repo archive --yes|-y"),
    (&rules::CLOUD_DESTROY, "gh release delete --yes|-y"),
    (&rules::CLOUD_DESTROY, "glab repo|project delete"),
    (&rules::CLOUD_DESTROY, "npm|pnpm|yarn unpublish"),
    (&rules::CLOUD_DESTROY, "cargo yank"),
    (&rules::CLOUD_DESTROY, "gem yank"),
    (&rules::CLOUD_DESTROY, "rclone purge"),
    (&rules::CLOUD_DESTROY, "mc rb --force"),
    (&rules::CLOUD_DESTROY, "s3cmd rb|del --recursive|--force"),
    (&rules::CLOUD_DESTROY, "vault secrets disable"),
    (&rules::CLOUD_DESTROY, "vault kv destroy|metadata"),
    (&rules::CLOUD_DESTROY, "etcdctl del --prefix|--from-key"),
    // Containers of this machine.
    (&rules::CONTAINERS, "docker|podman rm|rmi|kill"),
    (
        &rules::CONTAINERS,
        "docker|podman system|volume|image|container|network|builder prune",
    ),
    (
        &rules::CONTAINERS,
        "docker|podman volume|image|container|network rm",
    ),
    (&rules::CONTAINERS, "docker compose down -v|--volumes"),
    (&rules::CONTAINERS, "docker-compose down -v|--volumes"),
    (&rules::CONTAINERS, "helm uninstall|delete"),
    (&rules::CONTAINERS, "kubectl delete"),
    // Data by way of a framework.
    (&rules::TEST_DATA, "prisma migrate reset"),
    (&rules::TEST_DATA, "yarn|pnpm prisma migrate reset"),
    (&rules::TEST_DATA, "prisma db push --force-reset"),
    (&rules::TEST_DATA, "sequelize|sequelize-cli db:drop"),
    (&rules::TEST_DATA, "yarn|pnpm prisma db push --force-reset"),
    (&rules::TEST_DATA, "rails|rake db:drop|db:reset"),
    (&rules::TEST_DATA, "php artisan migrate:fresh|db:wipe"),
    (&rules::TEST_DATA, "supabase db reset"),
];

pub(super) fn check(run: &mut Facts, name: &str, words: &[String]) {
    if name == "shutdown" {
        let harmless = words
            .iter()
            .any(|word| matches!(word.as_str(), "-c" | "-k" | "--show" | "--help"));
        if !harmless && words.len() > 1 || words.len() == 1 {
            run.report(&rules::POWER, name);
        }
        return;
    }
    if matches!(name, "gh" | "curl") && deletes_repository(name, words) {
        return run.report(&rules::CLOUD_DESTROY, "a repository");
    }
    let Some(rows) = rows_of_programs().rows_of(name) else {
        return;
    };
    let dry = words.iter().any(|word| {
        matches!(
            word.as_str(),
            "--dry-run"
                | "--dryrun"
                | "-dry-run"
                | "--what-if"
                | "--dry-run=client"
                | "--dry-run=server"
        )
    });
    let looks = name == "passwd" && words.iter().any(|word| word == "-S" || word == "--status");
    let joins = name == "usermod"
        && !words.iter().any(|word| {
            word.contains('L')
                || word.contains("-p")
                || word == "--lock"
                || word.contains("sudo")
                || word.contains("wheel")
        });
    if dry || looks || joins || is_question(name, words) {
        return;
    }
    if let Some((rule, _)) = rows.iter().find(|(_, row)| matches(row, words)) {
        let is_live = rule.id == rules::TEST_DATA.id && databases::runs_live(run);
        let rule = if is_live { &rules::LIVE_DATA } else { rule };
        run.report(rule, &words[1..].join(" "));
    }
}

/// `kubectl auth can-i delete pods`, `oc adm policy who-can delete pods`, `aws s3 rb help`.
fn is_question(name: &str, words: &[String]) -> bool {
    let mut operands = words[1..].iter().filter(|word| !word.starts_with('-'));
    match name {
        "kubectl" | "oc" => match operands.next().map(String::as_str) {
            Some("auth" | "explain" | "help") => true,
            Some("adm" | "policy") => operands.any(|word| word == "who-can"),
            _ => false,
        },
        "gcloud" | "helm" | "doctl" | "heroku" => {
            operands.next().is_some_and(|word| word == "help")
        }
        "aws" => operands.next_back().is_some_and(|word| word == "help"),
        _ => false,
    }
}

/// `gh api -X DELETE repos/owner/name`, and the same by way of `curl`.
fn deletes_repository(name: &str, words: &[String]) -> bool {
    let deletes = words
        .iter()
        .any(|word| matches!(word.as_str(), "DELETE" | "-XDELETE" | "--method=DELETE"));
    let is_whole = |word: &String| {
        let path = word
            .split_once("api.github.com")
            .map_or(word.as_str(), |(_, path)| path);
        let path = path.trim_start_matches('/');
        path.starts_with("repos/") && path.matches('/').count() == 2
            || path.starts_with("orgs/") && path.matches('/').count() == 1
    };
    let asks = name == "curl" || words.get(1).is_some_and(|word| word == "api");
    asks && deletes && words.iter().any(is_whole)
}

/// The rows by program: most commands are in none, and their names say so at once.
static ROWS_OF: OnceBox<RowsByProgram> = OnceBox::new();

fn rows_of_programs() -> &'static RowsByProgram {
    ROWS_OF.get_or_init(|| Box::new(RowsByProgram::of_rows()))
}

struct RowsByProgram {
    outline: Outline,
    rows: HashMap<&'static str, Vec<&'static Row>>,
}

impl RowsByProgram {
    fn of_rows() -> RowsByProgram {
        let mut programs = RowsByProgram {
            outline: Outline::NONE,
            rows: HashMap::new(),
        };
        for row in ROWS {
            let names = row.1.split(' ').next().unwrap_or_default();
            for name in names.split('|') {
                programs.outline = programs.outline.with(name);
                programs.rows.entry(name).or_default().push(row);
            }
        }
        programs
    }

    fn rows_of(&self, name: &str) -> Option<&[&'static Row]> {
        if !self.outline.may_hold(name) {
            return None;
        }
        self.rows.get(name).map(Vec::as_slice)
    }
}

fn alternative(alternatives: &str, word: &str) -> bool {
    alternatives
        .split('|')
        .any(|alternative| alternative == word)
}

fn matches(row: &str, words: &[String]) -> bool {
    let parts = row.split(' ').skip(1);
    let (options, plain): (Vec<&str>, Vec<&str>) = parts.partition(|part| part.starts_with('-'));
    let has_option = |option: &&str| words[1..].iter().any(|word| has_option(option, word));
    options.iter().all(has_option) && follow_one_another(&plain, words)
}

fn has_option(alternatives: &str, word: &str) -> bool {
    let word = word.split('=').next().unwrap_or_default();
    alternatives.split('|').any(|option| {
        let letter = option.strip_prefix('-').filter(|letter| letter.len() == 1);
        let among = |letter| {
            word.starts_with('-')
                && !word.starts_with("--")
                && word.len() < 5
                && word.contains(letter)
        };
        word == option || letter.is_some_and(among)
    })
}

/// Plain words in a row, near the front: the value of one option may stand before them.
fn follow_one_another(plain: &[&str], words: &[String]) -> bool {
    if plain.is_empty() {
        return true;
    }
    let operands: Vec<&String> = words[1..]
        .iter()
        .filter(|word| !word.starts_with('-'))
        .collect();
    let fits = |at: usize| {
        let window = operands.get(at..at + plain.len());
        window.is_some_and(|window| {
            window
                .iter()
                .zip(plain)
                .all(|(word, part)| alternative(part, word))
        })
    };
    (0..=2).any(fits)
}
