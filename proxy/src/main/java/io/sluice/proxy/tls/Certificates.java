package io.sluice.proxy.tls;

import io.netty.handler.ssl.SslContext;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The certificates that new connections are shown: always the last that could be read. Connections that are open keep what they have. {@link
 * #load} and {@link #reload} read files and belong on one worker thread; everything else may be called from any.
 */
public final class Certificates implements Reloadable {
    private final TlsSettings settings;
    private final LatestUsable<LoadedCertificates> loaded;

    public Certificates(TlsSettings settings) {
        this.settings = settings;
        this.loaded = new LatestUsable<>(files(settings), contents -> LoadedCertificates.of(settings, contents));
    }

    private static Set<Path> files(TlsSettings settings) {
        Set<Path> files = new LinkedHashSet<>();
        for (CertificateFiles each : settings.certificates()) {
            files.add(each.certificate());
            files.add(each.key());
        }
        if (settings.clientCa() != null) {
            files.add(settings.clientCa());
        }
        return files;
    }

    @Override
    public void load() {
        loaded.load();
    }

    @Override
    public void reload() {
        loaded.reload();
    }

    /** For a client that asks for this name; null when it asks for none. */
    public SslContext forName(@Nullable String name) {
        return loaded.get().forName(name);
    }

    /** When each certificate that is in use ends, in the order of the settings; empty before they were read. */
    public List<Instant> expiries() {
        return loaded.isLoaded() ? loaded.get().expiries() : List.of();
    }

    /** Whether the files changed to something that cannot be used. */
    public boolean isBroken() {
        return loaded.isBroken();
    }

    public TlsSettings settings() {
        return settings;
    }
}
