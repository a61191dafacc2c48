package io.sluice.proxy.tls;

import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The certificates that new connections are shown: always the last that could be read. Connections that are open keep what they have. {@link
 * #load} and {@link #reload} read files and belong on one worker thread; everything else may be called from any.
 */
public final class Certificates {
    private static final Logger LOG = LoggerFactory.getLogger(Certificates.class);

    private final TlsSettings settings;
    private final Set<Path> files = new LinkedHashSet<>();
    private Map<Path, byte[]> contents = Map.of();
    private volatile @Nullable LoadedCertificates loaded;
    private volatile boolean broken;

    public Certificates(TlsSettings settings) {
        this.settings = settings;
        for (CertificateFiles each : settings.certificates()) {
            files.add(each.certificate());
            files.add(each.key());
        }
        if (settings.clientCa() != null) {
            files.add(settings.clientCa());
        }
    }

    /**
     * Reads the files for the first time. Blocks.
     *
     * @throws CertificateFileException when they cannot be used
     */
    public void load() {
        Map<Path, byte[]> found = readAll();
        loaded = LoadedCertificates.of(settings, found);
        contents = found;
    }

    /** Takes the files over if they changed and can be used; otherwise everything stays as it is, and the log says so once. Blocks. */
    public void reload() {
        Map<Path, byte[]> found = readAll();
        if (areSame(found, contents)) {
            return;
        }
        contents = found;
        try {
            loaded = LoadedCertificates.of(settings, found);
            broken = false;
            LOG.info("certificates were read again: {}", files);
        } catch (CertificateFileException e) {
            broken = true;
            LOG.error("certificates changed and cannot be used; the ones before stay in use: {}", e.getMessage());
        }
    }

    /** What cannot be read is left out. They are small; comparing them whole misses nothing that times and sizes would. */
    private Map<Path, byte[]> readAll() {
        Map<Path, byte[]> found = new HashMap<>();
        for (Path file : files) {
            try {
                found.put(file, Files.readAllBytes(file));
            } catch (IOException e) {
                LOG.debug("{} cannot be read", file, e);
            }
        }
        return found;
    }

    private static boolean areSame(Map<Path, byte[]> some, Map<Path, byte[]> others) {
        return some.keySet().equals(others.keySet())
                && some.keySet().stream().allMatch(file -> Arrays.equals(some.get(file), others.get(file)));
    }

    /** For a client that asks for this name; null when it asks for none. */
    public SslContext forName(@Nullable String name) {
        return Objects.requireNonNull(loaded, "load comes first").forName(name);
    }

    /** When each certificate that is in use ends, in the order of the settings; empty before they were read. */
    public List<Instant> expiries() {
        LoadedCertificates now = loaded;
        return now == null ? List.of() : now.expiries();
    }

    /** Whether the files changed to something that cannot be used. */
    public boolean isBroken() {
        return broken;
    }

    public TlsSettings settings() {
        return settings;
    }
}
