//! Programs with subcommands, and the options that stand in front of these.

/// What a program takes before its subcommand.
pub(super) struct Globals {
    programs: &'static [&'static str],
    /// Options whose value is the next word.
    pub(super) valued: &'static str,
    /// Options by which it runs something else than its subcommand says: an entry that allows the
    /// program does not mean them.
    pub(super) widening: &'static str,
}

impl Globals {
    /// Whether the value of an option is the next word.
    pub(super) fn takes_next(&self, option: &str) -> bool {
        names(self.valued, option)
    }

    /// Whether an option, with its value or without, may make the program run something else.
    pub(super) fn widens(&self, option: &str) -> bool {
        let name = option.split('=').next().unwrap_or_default();
        self.widening
            .split(' ')
            .filter(|widening| !widening.is_empty())
            .any(|widening| {
                let attached = widening.len() == 2 && option.starts_with(widening);
                let shortened = name.len() > 4 && widening.starts_with(name);
                attached || shortened || name == widening
            })
    }
}

fn names(options: &str, option: &str) -> bool {
    options.split(' ').any(|known| known == option)
}

/// The global options of a program; `None` if it is not known to have subcommands.
pub(super) fn of(program: &str) -> Option<&'static Globals> {
    TABLE.iter().find(|row| row.programs.contains(&program))
}

const fn row(
    programs: &'static [&'static str],
    valued: &'static str,
    widening: &'static str,
) -> Globals {
    Globals {
        programs,
        valued,
        widening,
    }
}

/// From the manuals of git 2.47, Docker 27, kubectl 1.31, npm 10, cargo 1.83, gh 2.60, systemd 256,
/// terraform 1.9, aws 2.19, pip 24, GNU make 4.4 and their kin.
const TABLE: &[Globals] = &[
    row(
        &["git", "hub"],
        "-C -c --git-dir --work-tree --namespace --super-prefix --config-env --attr-source --exec-path",
        "-c --exec-path --config-env",
    ),
    row(
        &["docker", "podman", "nerdctl"],
        "-H --host -c --context --config -l --log-level --tlscacert --tlscert --tlskey --url --connection --identity --root --runroot --storage-driver --storage-opt --runtime --namespace --address",
        "--config --runtime --hooks-dir --conmon",
    ),
    row(
        &["docker-compose"],
        "-f --file -p --project-name --profile --env-file --project-directory --context -H --host --ansi --parallel",
        "",
    ),
    row(
        &["kubectl", "oc", "k3s", "minikube"],
        "-n --namespace --context --cluster --user -s --server --kubeconfig --token --as --as-group --as-uid --request-timeout --cache-dir --certificate-authority --client-certificate --client-key --tls-server-name -v --v --profile --profile-output --username --password",
        "--kubeconfig",
    ),
    row(
        &["helm", "helmfile"],
        "-n --namespace --kube-context --kubeconfig --kube-apiserver --kube-token --registry-config --repository-cache --repository-config --burst-limit",
        "--kubeconfig --post-renderer",
    ),
    row(
        &["npm", "pnpm", "yarn", "bun"],
        "--prefix -C --dir --cwd --registry --loglevel --userconfig --globalconfig --cache -w --workspace --filter -F --script-shell --node-options --store-dir",
        "--script-shell --node-options --userconfig --globalconfig --shell",
    ),
    row(
        &["cargo"],
        "--color -C --config -Z --explain",
        "--config -Z",
    ),
    row(&["rustup"], "--toolchain", ""),
    row(&["go"], "-C", "-toolexec -exec -vettool -overlay"),
    row(&["gh", "glab"], "-R --repo --hostname", ""),
    row(
        &["systemctl", "loginctl", "machinectl"],
        "-H --host -M --machine -t --type --state -p --property -P -n --lines -o --output -s --signal --root --image --job-mode --kill-whom --kill-who --timestamp --what --when --preset-mode --legend",
        "",
    ),
    row(&["terraform", "tofu", "terragrunt"], "-chdir", ""),
    row(
        &["pulumi"],
        "-C --cwd --color -v --verbose --profiling --tracing",
        "",
    ),
    row(
        &["aws"],
        "--profile --region --endpoint-url --output --query --color --ca-bundle --cli-read-timeout --cli-connect-timeout --cli-binary-format",
        "",
    ),
    row(
        &["gcloud", "gsutil", "bq"],
        "--project --account --configuration --verbosity --format --impersonate-service-account --billing-project --access-token-file --flags-file -o -u",
        "--flags-file",
    ),
    row(&["az"], "--output -o --query --subscription", ""),
    row(
        &["pip"],
        "--python --log --proxy --timeout --cert --client-cert --cache-dir --exists-action --trusted-host --retries --keyring-provider --use-feature",
        "--python",
    ),
    row(
        &["poetry", "pdm", "pipenv"],
        "-C --directory -P --project -p",
        "",
    ),
    row(
        &["uv"],
        "--directory --project --config-file --cache-dir --color --python-preference -p --python",
        "",
    ),
    row(
        &["make", "gmake", "ninja"],
        "-C --directory -f --file --makefile -I --include-dir -o --old-file -W --what-if -j -l -t -d -k",
        "--eval -E SHELL",
    ),
    row(
        &["apt", "apt-get", "aptitude", "apt-cache"],
        "-o --option -c --config-file -t --target-release -a --host-architecture",
        "-o --option -c --config-file",
    ),
    row(
        &["dnf", "yum", "zypper", "pacman", "apk", "brew", "snap"],
        "-c --config --installroot --releasever --root -R -p --repository -X --arch --cachedir",
        "-c --config",
    ),
    row(&["hg"], "-R --repository --cwd --config", "--config"),
    row(
        &["svn"],
        "--username --password --config-dir --config-option",
        "--config-dir --config-option",
    ),
    row(
        &["vault", "consul", "nomad"],
        "-address -namespace -token",
        "",
    ),
    row(
        &["heroku", "fly", "flyctl"],
        "-a --app -r --remote -c --config -t --access-token",
        "",
    ),
    row(
        &["vercel", "netlify", "firebase", "wrangler", "supabase"],
        "--cwd --token -t --scope -S --project -P --account --config -c --env -e",
        "",
    ),
    row(&["bundle", "gem", "rake"], "--gemfile -f -r", "-r"),
    row(&["composer"], "-d --working-dir", ""),
    row(
        &["mvn", "gradle", "gradlew", "mvnw"],
        "-f --file -p --project-dir -s --settings -b --build-file -c --settings-file -I --init-script -P -pl -T",
        "-I --init-script",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_program_stands_in_two_rows() {
        let mut programs: Vec<_> = TABLE.iter().flat_map(|row| row.programs).collect();
        let count = programs.len();
        programs.sort_unstable();
        programs.dedup();
        assert_eq!(programs.len(), count);
    }

    #[test]
    fn options_are_known_in_their_spellings() {
        let git = of("git").expect("git is known");
        for (option, widens) in [
            ("-c", true),
            ("-ccore.pager=x", true),
            ("--exec-path=/x", true),
            ("--exec-p=/x", true),
            ("--config-env", true),
            ("-C", false),
            ("--no-pager", false),
            ("--git-dir=x", false),
        ] {
            assert_eq!(git.widens(option), widens, "{option}");
        }
        assert!(git.takes_next("-C") && !git.takes_next("--no-pager"));
    }
}
