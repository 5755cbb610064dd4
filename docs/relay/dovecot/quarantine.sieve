require ["envelope", "fileinto", "mailbox"];

# Postfix hands quarantined mail over twice: as it was addressed, and as the copy. The copy is kept.
if header :is "X-Relay-Verdict" "quarantine" {
  if envelope :domain :is "to" "copies.internal" {
    fileinto :create "Quarantine";
  } else {
    discard;
  }
  stop;
}
