/**
 * Reads what operators write: one YAML or JSON file, environment variables over it, secrets from files. {@link
 * io.sluice.service.settings.SettingsDocument} is the whole document, {@link io.sluice.service.settings.SettingsReader} a cursor on one
 * section of it. Every problem is collected and reported at once; nothing is corrected silently. Knows no setting of any program.
 */
@NullMarked
package io.sluice.service.settings;

import org.jspecify.annotations.NullMarked;
