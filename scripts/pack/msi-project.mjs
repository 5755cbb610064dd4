import { readFileSync, writeFileSync } from 'node:fs';

/** Where Windows keeps what an administrator sets; a group policy of the same product writes into the same key. */
export const POLICY_KEY = 'SOFTWARE\\Policies\\Holdover';
/** Never changed: by it Windows knows the entry again that an older package made. */
const POLICY_COMPONENT = '0C5D9F1B-52E7-4A0E-9B44-7D3E61A8F2C9';

/**
 * `msiexec /i Holdover.msi /qn POLICYPATH=\\server\share\policies.json` leaves the place of the policy in the registry. An upgrade
 * without the property keeps what was given before; a search alone would take the old place although a new one is named.
 */
const PROPERTIES = `
    <Property Id="POLICYPATH" Secure="yes"/>
    <Property Id="POLICYPATHBEFORE" Secure="yes">
      <RegistrySearch Id="PolicyPathBefore" Root="HKLM" Key="${POLICY_KEY}" Name="PolicyPath" Type="raw" Win64="yes"/>
    </Property>
    <CustomAction Id="KeepPolicyPath" Property="POLICYPATH" Value="[POLICYPATHBEFORE]"/>
    <InstallExecuteSequence>
      <Custom Action="KeepPolicyPath" After="AppSearch">POLICYPATHBEFORE AND NOT POLICYPATH</Custom>
    </InstallExecuteSequence>
`;
const COMPONENT = `
      <Component Id="PolicyPath" Guid="${POLICY_COMPONENT}" Win64="yes">
        <Condition>POLICYPATH</Condition>
        <RegistryValue Id="PolicyPathValue" Root="HKLM" Key="${POLICY_KEY}" Name="PolicyPath" Type="string" Value="[POLICYPATH]" KeyPath="yes"/>
      </Component>
`;

function insertBefore(text, mark, addition) {
  const at = text.lastIndexOf(mark);
  if (at < 0)
    throw new Error(`electron-builder's project of the MSI has no ${mark} any more: scripts/pack/msi-project.mjs must be adapted`);
  return `${text.slice(0, at)}${addition}    ${text.slice(at)}`;
}

/** What electron-builder cannot say of an MSI, added to the project that it made. Pure. */
export function addPolicyPath(project) {
  return insertBefore(insertBefore(project, '</ComponentGroup>', COMPONENT), '</Product>', PROPERTIES);
}

/** Run by electron-builder between the project of an MSI and its compiler. */
export default function msiProjectCreated(file) {
  writeFileSync(file, addPolicyPath(readFileSync(file, 'utf8')));
}
