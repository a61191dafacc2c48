package io.sluice.cli;

import io.sluice.nginx.Finding;
import io.sluice.nginx.Finding.Kind;
import io.sluice.nginx.Imported;
import io.sluice.nginx.NginxImport;
import io.sluice.nginx.syntax.ConfigurationException;
import io.sluice.proxy.ProxySettings;
import io.sluice.service.settings.InvalidSettingsException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes settings of the proxy from a configuration of nginx. */
@Command(
        name = "import-nginx",
        description = {
            "Write a proxy.yaml that does what an nginx configuration does.",
            "Nothing is dropped without a word: what cannot be carried over is listed with file and line, here and in the YAML. See docs/from-nginx.md."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:everything with an effect was carried over",
            "1:what was written is not what the proxy reads; the reasons are printed",
            "2:wrong usage, or the file cannot be read",
            "4:written, but something was left out"
        })
final class ImportNginxCommand implements Callable<Integer> {
    private final CommandContext context;

    @Parameters(index = "0", paramLabel = "FILE", description = "nginx.conf, or one file of conf.d or sites-enabled")
    private Path file = Path.of("nginx.conf");

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "where to write (default: standard output)")
    private @Nullable Path output;

    @Option(names = "--force", description = "replace the output file if there is one")
    private boolean force;

    ImportNginxCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        Imported imported = read();
        write(imported.yaml());
        say(imported);
        if (!isAccepted(imported.yaml())) {
            return ExitCode.FAILED;
        }
        return imported.isComplete() ? ExitCode.OK : ExitCode.PARTIAL;
    }

    private Imported read() {
        try {
            return NginxImport.read(file);
        } catch (ConfigurationException unreadable) {
            throw new UsageException(String.valueOf(unreadable.getMessage()));
        }
    }

    private void write(String yaml) {
        Path to = output;
        if (to == null) {
            context.console().out().print(yaml);
            context.console().out().flush();
            return;
        }
        if (Files.exists(to) && !force) {
            throw new UsageException(to + " is there already (expected: another name, or --force)");
        }
        try {
            Files.writeString(to, yaml);
        } catch (IOException e) {
            throw new UsageException(to + ": cannot be written (" + e + ")");
        }
    }

    private void say(Imported imported) {
        list("LEFT OUT:", imported.of(Kind.LEFT_OUT));
        list("Carried over, but not to the letter:", imported.of(Kind.DIFFERS));
        int needless = imported.of(Kind.NOT_NEEDED).size();
        if (needless > 0) {
            context.console().err().println(needless + " directives are not needed; the YAML lists them.");
        }
    }

    private void list(String title, List<Finding> findings) {
        if (!findings.isEmpty()) {
            context.console().err().println(title);
            findings.forEach(finding -> context.console().err().println("  " + finding.shown()));
        }
    }

    /** Whether the proxy takes it, so that nobody finds out at the next start that it does not. */
    private boolean isAccepted(String yaml) {
        try {
            Path copy = Files.createTempFile("import-nginx", ".yaml");
            try {
                Files.writeString(copy, yaml);
                ProxySettings.read(copy, Map.of());
                return true;
            } catch (InvalidSettingsException invalid) {
                context.console().err().println("The proxy does not read what was written:");
                context.console().err().print(invalid.table());
                return false;
            } finally {
                Files.delete(copy);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
