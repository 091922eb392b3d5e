// node build.mjs [--prepare]: lays the documents into site/generated, generates the references of the API and of the commands there, builds
// the site, and checks its links. The solution must have been built. Configuration: CONFIGURATION, Debug unless it is set.
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'

const site = import.meta.dirname
const root = path.dirname(site)
const generated = path.join(site, 'generated')
const configuration = process.env.CONFIGURATION ?? 'Debug'
const output = path.join('bin', configuration, 'net10.0')

function run(program, args, options = {}) {
  return execFileSync(program, args, { cwd: site, encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'inherit'], ...options })
}

/** A page for each public type, from the XML documentation. */
function generateApi() {
  const projects = fs.readdirSync(path.join(root, 'src'))
    .filter(name => fs.existsSync(path.join(root, 'src', name, 'PublicAPI.Shipped.txt')))
  const settings = {
    metadata: [{
      src: projects.map(name => ({ src: path.join(root, 'src', name, output), files: [`${name}.dll`] })),
      output: path.join(generated, 'api'),
      outputFormat: 'markdown',
      memberLayout: 'samePage',
      namespaceLayout: 'flattened',
    }],
  }
  const file = path.join(site, 'generated', 'docfx.json')
  fs.writeFileSync(file, JSON.stringify(settings))
  run('dotnet', ['docfx', 'metadata', file, '--logLevel', 'Error'])
  const pages = fs.readdirSync(path.join(generated, 'api')).filter(name => name.endsWith('.md'))
  for (const name of pages) {
    const page = path.join(generated, 'api', name)
    const text = fs.readFileSync(page, 'utf8')
    fs.writeFileSync(page, withoutHtml(text, pages))
  }

  const namespaces = pages.filter(name => /^# Namespace /m.test(fs.readFileSync(path.join(generated, 'api', name), 'utf8')))
  const links = namespaces.sort().map(name => `- [${name.slice(0, -3)}](${name})`)
  fs.writeFileSync(path.join(generated, 'api', 'index.md'), `# API\n\nAll public types, by namespace.\n\n${links.join('\n')}\n`)
}

/** docfx writes the tags of XML documentation as HTML, and leaves references open. Here all is Markdown. */
function withoutHtml(text, pages) {
  const enumeration = text.match(/^# <a id="([^"]*)"><\/a> Enum /)?.[1]
  return text
    .replace(enumeration ? /^`(\w+) = ([^`]+)` *$/gm : /$^/, `### $1 = $2 {#${enumeration}_$1}`)
    .replace(/<a id="([^"]*)"><\/a>\s*(.*)$/gm, '$2 {#$1}')
    .replace(/<pre><code[^>]*>([^]*?)<\/code><\/pre>/g, (_, code) => `\n\`\`\`${languageOf(code)}\n${decode(code)}\n\`\`\`\n`)
    .replace(/<code[^>]*>([^]*?)<\/code>/g, (_, code) => `\`${decode(code)}\``)
    .replace(/<xref href="([^"]*)"[^>]*><\/xref>/g, (_, uid) => reference(decodeURIComponent(decode(uid)), pages))
    .replace(/<\/?p>/g, '\n')
    .replace(/<br\s*\/?>/g, ' ')
}

/** Blocks in XML documentation are code, or drawings of what happens in which order. */
function languageOf(code) {
  return /[)\]];\s*$|[{}]/m.test(code) ? 'csharp' : 'text'
}

/** A link to a type or to a member of one, named as in code. */
function reference(uid, pages) {
  const plain = uid.replace(/\(.*$/, '')
  const words = plain.split('.')
  const name = words.slice(-2).join('.').replace(/`+\d+/g, '')
  for (let count = words.length; count > 1; count--) {
    const page = words.slice(0, count).join('.').replace(/`(\d+)/g, '-$1') + '.md'
    if (!pages.includes(page)) continue
    if (count === words.length) return `[${words.at(-1).replace(/`+\d+/g, '')}](${page})`
    return `[${name}](${page}#${uid.replace(/[^A-Za-z0-9]/g, '_')})`
  }
  return `\`${plain.startsWith('System.') ? words.at(-1) : name}\``
}

/** A page for each command, from its help. */
function generateCommands() {
  const tool = path.join(root, 'src/MmuNotifier.Tool', output, 'mmun.dll')
  const pages = []
  const visit = words => {
    const help = run('dotnet', [tool, ...words, '--help'])
    const name = ['mmun', ...words].join(' ')
    const file = words.length === 0 ? 'index.md' : `${words.join('-')}.md`
    const commands = (help.match(/^Commands:\n((?: {2}.*\n)+)/m)?.[1] ?? '').split('\n')
      .map(line => line.match(/^ {2}([a-z][\w-]*)/)?.[1]).filter(Boolean)
    const links = commands.map(each => `- [${name} ${each}](${[...words, each].join('-')}.md)\n`).join('')
    pages.push([file, `---\naside: ${words.length === 0}\n---\n\n# ${name}\n\n\`\`\`text\n${help.trim()}\n\`\`\`\n\n${links}`])
    commands.forEach(each => visit([...words, each]))
  }
  visit([])
  fs.mkdirSync(path.join(generated, 'cli'), { recursive: true })
  for (const [file, text] of pages) fs.writeFileSync(path.join(generated, 'cli', file), text)
  return pages.length
}

/** Links of built pages that lead nowhere: a file that is not there, or an anchor that its page does not have. */
function deadLinks(dist) {
  const files = fs.readdirSync(dist, { recursive: true }).map(String)
  const pages = new Map(
    files.filter(name => name.endsWith('.html')).map(name => [name, fs.readFileSync(path.join(dist, name), 'utf8')]))
  const idsOf = text => new Set([...text.matchAll(/\sid="([^"]*)"/g)].map(match => decode(match[1])))
  const ids = new Map([...pages].map(([name, text]) => [name, idsOf(text)]))
  const dead = []
  for (const [name, text] of pages) {
    for (const [, href] of text.matchAll(/<a\b[^>]*?\shref="([^"]*)"/g)) {
      if (/^[a-z]+:/.test(href) || href === '') continue
      const [target, anchor] = decode(href).split('#')
      let file = target === '' ? name : target.startsWith('/') ? target.slice(1) : path.posix.join(path.posix.dirname(name), target)
      if (file === '' || file.endsWith('/')) file += 'index.html'
      else if (!path.posix.extname(file) || !files.includes(file)) file = files.includes(file) ? file : `${file}.html`
      if (!files.includes(file)) dead.push(`${name}: ${href}`)
      else if (anchor && ids.has(file) && !ids.get(file).has(decodeURIComponent(anchor))) dead.push(`${name}: ${href}`)
    }
  }
  return [pages.size, [...new Set(dead)]]
}

function decode(text) {
  return text.replaceAll('&amp;', '&').replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&lt;', '<').replaceAll('&gt;', '>')
}

fs.rmSync(generated, { recursive: true, force: true })
fs.cpSync(path.join(root, 'docs'), generated, { recursive: true })
for (const page of ['ARCHITECTURE.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md'])
  fs.copyFileSync(path.join(root, page), path.join(generated, page))
generateApi()
const commands = generateCommands()
if (!process.argv.includes('--prepare')) {
  run(process.execPath, [path.join(site, 'node_modules/vitepress/bin/vitepress.js'), 'build', '.'])
  const [pages, dead] = deadLinks(path.join(site, '.vitepress/dist'))
  console.log(`${pages} pages, ${commands} of commands, ${dead.length} dead links`)
  if (dead.length > 0) {
    console.error(dead.slice(0, 50).join('\n'))
    process.exit(1)
  }
}
