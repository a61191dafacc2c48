package io.sluice.proxy.tls;

import java.nio.file.Path;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What was made of files the last time that they could be used. {@link #load} and {@link #reload} belong on one worker thread; everything else may
 * be called from any.
 */
final class LatestUsable<T> implements Reloadable {
    private static final Logger LOG = LoggerFactory.getLogger(LatestUsable.class);

    private final Set<Path> files;
    private final Function<PemContents, T> maker;
    private @Nullable PemContents contents;
    private volatile @Nullable T latest;
    private volatile boolean broken;

    /** @param maker throws {@link CertificateFileException} for what cannot be used */
    LatestUsable(Set<Path> files, Function<PemContents, T> maker) {
        this.files = files;
        this.maker = maker;
    }

    @Override
    public void load() {
        PemContents found = PemContents.read(files);
        latest = maker.apply(found);
        contents = found;
    }

    @Override
    public void reload() {
        PemContents found = PemContents.read(files);
        PemContents before = contents;
        if (before != null && found.isSameAs(before)) {
            return;
        }
        contents = found;
        try {
            latest = maker.apply(found);
            broken = false;
            LOG.info("certificates were read again: {}", files);
        } catch (CertificateFileException e) {
            broken = true;
            LOG.error("certificates changed and cannot be used; the ones before stay in use: {}", e.getMessage());
        }
    }

    T get() {
        return Objects.requireNonNull(latest, "load comes first");
    }

    boolean isLoaded() {
        return latest != null;
    }

    boolean isBroken() {
        return broken;
    }
}
